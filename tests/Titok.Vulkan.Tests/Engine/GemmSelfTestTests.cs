using Titok.Vulkan.Engine;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Tests.Gpu;
using Titok.Vulkan.Tests.Kernels;
using Titok.Vulkan.Tests.Models;

namespace Titok.Vulkan.Tests.Engine;

/// <summary>The self-test that decides which ops go to the matrix units: it passes right kernels and drops wrong ones.</summary>
[Collection(GpuCollection.Name)]
public class GemmSelfTestTests(GpuFixture gpu)
{
    private static readonly GemmUnit s_published = new(16, 16, 16, 32, 48 << 10) { MaxSubgroups = 32, WeightFragments = true };

    /// <summary>All with weights as fragments; in panels one that shares k and one that does not, as the int8 tests have them all.</summary>
    public static TheoryData<int, bool> Tiles
    {
        get
        {
            List<GemmTile> tiles = AllTiles(s_published);
            var data = new TheoryData<int, bool> { { 0, false }, { tiles.FindIndex(tile => tile.SubgroupsK > 1), false } };
            for (int index = 0; index < tiles.Count; index++)
                data.Add(index, true);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Tiles))]
    public void ATileAgreesWithThePortableKernel(int index, bool fragments)
    {
        (GpuDevice device, GemmUnit unit) = Require(fragments);
        if (!AllTiles(unit)[index].Fits(unit))
            Assert.Skip($"{AllTiles(unit)[index]} does not fit {unit}");
        Assert.True(GemmCases.Linears(unit, AllTiles(unit)[index]).All(c => c.Agrees(device)), AllTiles(unit)[index].ToString());
        gpu.AssertNoMessages();
    }

    /// <summary>Where a workgroup's memory has room for one slab alone, the next one waits until all subgroups are done with it.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ATileAgreesThatHasRoomForOneSlab(bool fragments)
    {
        (GpuDevice device, GemmUnit unit) = Require(fragments);
        GemmTile tile = GemmTiles.Large(unit)[0];
        GemmUnit small = unit with { SharedMemoryInBytes = tile.SharedMemoryInBytes(unit with { SharedMemoryInBytes = 0 }) };
        Assert.True(tile.Fits(small), tile.ToString());
        if (tile.SharedMemoryInBytes(small) == tile.SharedMemoryInBytes(unit))
            Assert.Skip($"{tile} takes no more for two slabs than for its sums");
        Assert.True(GemmCases.Linears(small, tile).All(c => c.Agrees(device)), tile.ToString());
        gpu.AssertNoMessages();
    }

    /// <summary>Five slabs among four parts, of which two each are enough for three.</summary>
    [Fact]
    public void APartMayHaveNothingToAdd()
    {
        (GpuDevice device, GemmUnit unit) = Require(fragments: true);
        Assert.True(GemmCases.Linear(unit, new TilePlan(GemmTiles.Large(unit)[0], Parts: 4)).Agrees(device));
        gpu.AssertNoMessages();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void NormsBySpansAgree(bool fragments)
    {
        (GpuDevice device, GemmUnit unit) = Require(fragments);
        Assert.True(GemmCases.Norms(unit, GemmTiles.Large(unit)[0]).Agrees(device));
        gpu.AssertNoMessages();
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void AConvolutionAgrees(bool upsample, bool fragments)
    {
        (GpuDevice device, GemmUnit unit) = Require(fragments);
        Assert.True(GemmCases.Convolution(unit, GemmTiles.Large(unit)[0], upsample).Agrees(device));
        Assert.True(GemmCases.Convolution(unit, GemmTiles.Large(unit)[0], upsample, parts: 2).Agrees(device));
        gpu.AssertNoMessages();
    }

    /// <summary>By the tile that shares k among subgroups, and one of few columns.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AConvolutionAgreesByOtherTiles(bool sharesK)
    {
        (GpuDevice device, GemmUnit unit) = Require();
        GemmTile? tile = AllTiles(unit).Where(t => t.Fits(unit)).FirstOrDefault(t => sharesK ? t.SubgroupsK > 1 : t.SubgroupsK == 1 && t.Columns(unit) <= 32);
        if (tile is null)
            Assert.Skip($"no such tile fits {unit}");
        Assert.True(GemmCases.Convolution(unit, tile, upsample: false).Agrees(device), tile.ToString());
        gpu.AssertNoMessages();
    }

    /// <summary>What the warpgroup kernels are held against, where there are none of them: the cases hold for tiles.</summary>
    [Fact]
    public void WhatWarpgroupsAreTestedByHoldsForTiles()
    {
        (GpuDevice device, GemmUnit unit) = Require(fragments: true);
        GemmTile[] tiles = [.. GemmTiles.Large(unit).Where(tile => tile.Fits(unit))];
        foreach (WarpgroupBlock block in WarpgroupBlock.Linears)
        {
            GemmVariant first = WarpgroupSelfTest.ByTile(unit, block, tiles[0]), last = WarpgroupSelfTest.ByTile(unit, block, tiles[^1]);
            GemmVariant parts = WarpgroupSelfTest.ByTile(unit, block, tiles[0], parts: 3);
            Assert.True(WarpgroupSelfTest.Linear(unit, block, DataType.Float16, first).Agrees(device), $"{block}");
            Assert.True(WarpgroupSelfTest.Linear(unit, block, DataType.Float32, parts).Agrees(device), $"{block}");
            Assert.True(WarpgroupSelfTest.NormedLinear(unit, block, first, last).Agrees(device), $"{block}");
            (int rows, int inner, int columns) = WarpgroupSelfTest.LinearSize(block);
            Assert.True(GemmCases.NormedTwice(unit, tiles[0], rows, inner, columns, parts, first).Agrees(device), $"{block}");
        }
        foreach (bool upsample in (bool[])[false, true])
        {
            Assert.True(WarpgroupSelfTest.Convolution(unit, upsample, (graph, x, shape) =>
                Conv3x3Kernel.Variant(graph.Profile, x, shape, upsample, new TilePlan(tiles[0], 1))).Agrees(device));
        }
        Assert.True(WarpgroupSelfTest.Chain(unit, batch: 2, tokens: 33, width: 256).Agrees(device));
        gpu.AssertNoMessages();
    }

    /// <summary>What warpgroup kernels are measured by can be run again and again: whoever counts leaves zeros.</summary>
    [Fact]
    public void TheLayerThatIsMeasuredRuns()
    {
        (GpuDevice device, GemmUnit unit) = Require();
        KernelCall[] calls = KernelMeasurement.Layer(KernelProfile.Of(unit), rows: 8, width: 512);
        Tensor counters = calls.SelectMany(c => c.Bindings).First(b => b.Tensor.Value.Kind == ValueKind.Counters).Tensor;
        using var run = new ScratchRun(device, calls);
        run.Run();
        run.Run();
        Assert.All(run.Read(counters), count => Assert.Equal(0, count));
        Assert.All(run.Read(calls[^1].Bindings[4].Tensor), value => Assert.Equal(0, value));
        gpu.AssertNoMessages();
    }

    [Theory]
    [InlineData(33, 64, nameof(AttentionForm.TwoPasses))]
    [InlineData(150, 64, nameof(AttentionForm.TwoPasses))]
    [InlineData(33, 48, nameof(AttentionForm.TwoPasses))]
    [InlineData(1, 64, nameof(AttentionForm.Subgroup))]
    [InlineData(33, 48, nameof(AttentionForm.Subgroup))]
    [InlineData(64, 16, nameof(AttentionForm.Subgroup))]
    [InlineData(65, 16, nameof(AttentionForm.Subgroup))]
    [InlineData(150, 32, nameof(AttentionForm.Subgroup))]
    public void AttentionAgrees(int tokens, int headDim, string formName)
    {
        (GpuDevice device, GemmUnit unit) = Require();
        AttentionForm form = Enum.Parse<AttentionForm>(formName);
        Profiles.Require(device, form);
        var variant = AttentionVariant.For(new KernelProfile(KernelForm.Matrix, DataType.Float16) { Unit = unit.With(form) }, tokens, headDim, sequences: 4);
        Assert.Equal(form == AttentionForm.TwoPasses ? "attention_matrix" : "attention_subgroup", variant.Shader);
        Assert.True(GemmCases.Attention(unit.With(form), tokens, headDim).Agrees(device));
        gpu.AssertNoMessages();
    }

    /// <summary>All that a GPU is put through when its first model is loaded, but for how long it is measured.</summary>
    [Fact]
    public void ADeviceThatIsRightIsGivenItsMatrixUnits()
    {
        (GpuDevice device, GemmUnit unit) = Require();
        KernelChoice choice = GemmSelfTest.Run(device, KernelSupport.MatrixUnitsOf(device.Physical)!, SearchOptions.Brief);
        Assert.Equal((KernelForm.Matrix, true), (choice.Form, choice.IsComplete));
        Assert.Equal((true, true, unit.MayKeepFragments), (choice.Unit!.Linear, choice.Unit.Convolution, choice.Unit.WeightFragments));
        Assert.NotEqual(AttentionForm.Portable, choice.Unit.ShortAttention);
        Assert.NotEqual(AttentionForm.Portable, choice.Unit.LongAttention);
        gpu.AssertNoMessages();
    }

    [Fact]
    public void NoTileIsTheFastestWhereMemoryIsTooShortToMeasure()
    {
        (_, GemmUnit unit) = Require();
        using GpuInstance instance = GpuFixture.NewInstance();
        using GpuDevice device = DeviceOpening.Open(instance, options: new GpuDeviceOptions { CacheFolder = "", MemoryLimitInBytes = 16 << 20 });
        GemmTile[] tiles = [.. GemmTiles.Large(unit).Where(tile => tile.Fits(unit))];
        if (tiles.Length < 2)
            Assert.Skip($"{tiles.Length} of the large tiles have room in {unit.SharedMemoryInBytes} bytes: there is nothing to choose from");
        Assert.Null(new KernelMeasurement(device, unit, SearchOptions.Thorough).FastestLinear(tiles));
    }

    /// <summary>A driver that attends wrongly, played by a kernel with two bits of its code turned over.</summary>
    [Fact]
    public void AWrongKernelIsNoticed()
    {
        (_, GemmUnit unit) = Require();
        using GpuInstance instance = GpuFixture.NewInstance();
        using var device = DeviceOpening.Open(instance, options: new GpuDeviceOptions
        {
            CacheFolder = "",
            ShaderSource = name => name == "attention_matrix.fp16" ? WithOtherLargest(EmbeddedShaders.Read(name)) : null,
        });
        Assert.False(GemmCases.Attention(unit.With(AttentionForm.TwoPasses), 33, 64).Agrees(device));
        Assert.True(GemmCases.Convolution(unit, GemmTiles.Large(unit)[0], upsample: false).Agrees(device));
    }

    /// <summary>Fragments that lie as the warpgroup kernels take them are multiplied by the matrix kernels as well, where a product is not theirs.</summary>
    [Fact]
    public void FragmentsMayLieInTheOrderOfWarpgroups()
    {
        (GpuDevice device, GemmUnit natural) = Require(fragments: true);
        GemmUnit unit = natural with { WarpgroupOrder = true };
        foreach (GemmTile tile in GemmTiles.Small(unit).Append(GemmTiles.Large(unit)[0]))
        {
            Assert.True(GemmCases.Linears(unit, tile).All(c => c.Agrees(device)), $"{tile}");
            Assert.True(GemmCases.SmallConvolution(unit, tile).Agrees(device), $"{tile}");
        }
        Assert.False(WeightFragmentsKernel.Constants(natural).SequenceEqual(WeightFragmentsKernel.Constants(unit)));
        gpu.AssertNoMessages();
    }

    /// <summary>A device on which invocations do not hold eight elements each, played by a kernel that puts the seventh in the eighth's place.</summary>
    [Fact]
    public void FragmentsThatLoseElementsAreNoticed()
    {
        (_, GemmUnit unit) = Require(fragments: true);
        using GpuInstance instance = GpuFixture.NewInstance();
        using var device = DeviceOpening.Open(instance, options: new GpuDeviceOptions
        {
            CacheFolder = "",
            ShaderSource = name => name == WeightFragmentsKernel.Program ? WithoutTheEighth(EmbeddedShaders.Read(name)) : null,
        });
        GemmTile tile = GemmTiles.Small(unit).First();
        Assert.False(GemmCases.Linears(unit, tile).All(c => c.Agrees(device)));
        Assert.True(GemmCases.Linears(unit.WithFragments(false), tile).All(c => c.Agrees(device)));
    }

    /// <summary>Also where a workgroup has the least memory that the matrix kernels are given.</summary>
    [Theory]
    [InlineData(48 << 10, true)]
    [InlineData(48 << 10, false)]
    [InlineData(32 << 10, true)]
    [InlineData(32 << 10, false)]
    public void TilesFitTheMemoryOfAWorkgroup(int sharedMemoryInBytes, bool fragments)
    {
        GemmUnit unit = s_published with { SharedMemoryInBytes = sharedMemoryInBytes, WeightFragments = fragments };
        foreach (int rows in (int[])[17, 66, 289, 1024, 18496])
        {
            foreach (int columns in (int[])[3, 768, 4096])
                Assert.True(GemmTiles.For(unit, rows, columns, 1024, large: null).Tile.SharedMemoryInBytes(unit) <= sharedMemoryInBytes, $"{rows} x {columns}");
        }
    }

    [Theory]
    [InlineData(66, 3072, 768, 80, 1)]
    [InlineData(66, 768, 3072, 80, 4)]
    [InlineData(33, 768, 768, 48, 3)]
    [InlineData(289, 3072, 1024, 64, 1)]
    [InlineData(289, 4096, 1024, 80, 1)]
    [InlineData(289, 1024, 1024, 64, 1)]
    [InlineData(289, 1024, 4096, 64, 3)]
    [InlineData(289 * 64, 4096, 1024, 128, 1)]
    [InlineData(65536, 3, 1152, 128, 1)]
    public void TheTileSuitsTheProduct(int rows, int columns, int inner, int tileRows, int parts)
    {
        TilePlan plan = GemmTiles.For(s_published, rows, columns, inner, large: null);
        Assert.Equal((tileRows, parts), (plan.Tile.Rows(s_published), plan.Parts));
    }

    /// <summary>In blocks of 64, 33 tokens would take 64 rows and keys, and 129 would take 192.</summary>
    [Theory]
    [InlineData(1, 48 << 10, 16, 16)]
    [InlineData(33, 48 << 10, 48, 48)]
    [InlineData(64, 48 << 10, 64, 64)]
    [InlineData(129, 48 << 10, 48, 48)]
    [InlineData(289, 48 << 10, 80, 80)]
    [InlineData(289, 32 << 10, 80, 64)]
    public void BlocksOfAttentionSuitTheSequence(int tokens, int sharedMemoryInBytes, int queries, int keys)
    {
        GemmUnit unit = (s_published with { SharedMemoryInBytes = sharedMemoryInBytes }).With(AttentionForm.Subgroup);
        var variant = AttentionVariant.For(KernelProfile.Of(unit), tokens, headDim: 64, sequences: 16);
        Assert.Equal(("attention_subgroup", queries, keys), (variant.Shader, variant.TileQueries, (int)variant.Constants[5]));
    }

    [Fact]
    public void KIsNotSplitWhereItMayNotBe() => Assert.Equal(1, GemmTiles.For(s_published, 66, 768, 3072, large: null, mayPart: false).Parts);

    private static List<GemmTile> AllTiles(GemmUnit unit) => [.. GemmTiles.All(unit)];

    private (GpuDevice Device, GemmUnit Unit) Require(bool fragments = false)
    {
        GpuDevice device = gpu.Device;
        Profiles.Require(device, "matrix-fp16");
        GemmUnit unit = KernelSupport.MatrixUnitsOf(device.Physical)!;
        if (fragments && !unit.MayKeepFragments)
            Assert.Skip($"an invocation does not hold eight elements of a fragment: {unit}");
        return (device, unit.WithFragments(fragments));
    }

    /// <summary>Exchanges the one constant 7, by which the last element of an invocation is read, for 6.</summary>
    private static byte[] WithoutTheEighth(byte[] spirv)
    {
        const uint Constant = 4u << 16 | 43; // OpConstant, four words: type, result, value
        uint Word(int at) => BitConverter.ToUInt32(spirv, at * sizeof(uint));
        int at = Assert.Single(Enumerable.Range(5, spirv.Length / sizeof(uint) - 8), at => Word(at) == Constant && Word(at + 3) == 7);
        BitConverter.GetBytes(6).CopyTo(spirv, (at + 3) * sizeof(uint));
        return spirv;
    }

    /// <summary>Exchanges the constant from which maxima start, −3e38, for 1: scores below it then weigh too little.</summary>
    private static byte[] WithOtherLargest(byte[] spirv)
    {
        byte[] lowest = BitConverter.GetBytes(-3.0e38f);
        int at = spirv.AsSpan().IndexOf(lowest);
        Assert.True(at >= 0, "the shader has no constant −3e38");
        BitConverter.GetBytes(1.0f).CopyTo(spirv, at);
        return spirv;
    }
}
