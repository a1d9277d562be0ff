using Titok.Vulkan.Engine;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Tests.Gpu;
using Titok.Vulkan.Tests.Models;

namespace Titok.Vulkan.Tests.Engine;

/// <summary>What GPUs without matrix units are given, on any driver that stores fp16.</summary>
[Collection(GpuCollection.Name)]
public class MultiplyAddTests(GpuFixture gpu)
{
    public static TheoryData<int> Tiles => [.. Enumerable.Range(0, FittingTiles(Unit(1024)).Count)];

    [Theory]
    [MemberData(nameof(Tiles))]
    public void ATileAgreesWithThePortableKernel(int index)
    {
        (GpuDevice device, GemmUnit unit) = Require(1024);
        GemmTile tile = FittingTiles(unit)[index];
        Assert.True(GemmCases.Linears(unit, tile).All(c => c.Agrees(device)), tile.ToString());
        gpu.AssertNoMessages();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AConvolutionAgrees(bool upsample)
    {
        (GpuDevice device, GemmUnit unit) = Require(1024);
        Assert.True(GemmCases.Convolution(unit, GemmTiles.Large(unit)[0], upsample).Agrees(device));
        gpu.AssertNoMessages();
    }

    /// <summary>Heads whose eights do not fill a row of invocations, and such as have more than that.</summary>
    [Theory]
    [InlineData(33, 48)]
    [InlineData(289, 64)]
    [InlineData(41, 8)]
    [InlineData(50, 72)]
    [InlineData(129, 128)]
    public void AttentionAgrees(int tokens, int headDim)
    {
        (GpuDevice device, GemmUnit unit) = Require(device => KernelSupport.MultiplyAddsOf(device.Physical));
        Assert.Equal("attention_fma", AttentionVariant.For(KernelProfile.Of(unit), tokens, headDim, sequences: 4).Shader);
        Assert.True(GemmCases.Attention(unit, tokens, headDim).Agrees(device));
        gpu.AssertNoMessages();
    }

    /// <summary>In blocks of 32, 33 tokens would take 64 queries and keys; large heads have less room.</summary>
    [Theory]
    [InlineData(1, 64, 8, 1)]
    [InlineData(33, 48, 40, 5)]
    [InlineData(129, 64, 40, 3)]
    [InlineData(289, 64, 40, 5)]
    [InlineData(289, 128, 40, 3)]
    public void BlocksOfAttentionSuitTheSequence(int tokens, int headDim, int queries, int ownKeys)
    {
        var variant = AttentionVariant.For(KernelProfile.Of(Unit(256)), tokens, headDim, sequences: 16);
        Assert.Equal((queries, (uint)queries / 8, (uint)ownKeys), (variant.TileQueries, variant.Constants[1], variant.Constants[2]));
    }

    /// <summary>All that a GPU is put through when its first model is loaded, but for how long it is measured.</summary>
    [Fact]
    public void ADeviceIsGivenThem()
    {
        (GpuDevice device, GemmUnit unit) = Require(device => KernelSupport.MultiplyAddsOf(device.Physical));
        KernelChoice choice = GemmSelfTest.Run(device, unit, SearchOptions.Brief);
        Assert.Equal((KernelForm.MultiplyAdd, true), (choice.Form, choice.IsComplete));
        Assert.Equal((true, true, false), (choice.Unit!.Linear, choice.Unit.Convolution, choice.Unit.WeightFragments));
        Assert.All((AttentionForm[])[choice.Unit.ShortAttention, choice.Unit.LongAttention], form => Assert.True(form is AttentionForm.Portable or AttentionForm.MultiplyAdd, $"{form}"));
        gpu.AssertNoMessages();
    }

    /// <summary>Beside the portable kernels and, where there are any, matrix units.</summary>
    [Fact]
    public void TheyAreMeasuredAgainstOthers()
    {
        (GpuDevice device, GemmUnit unit) = Require(device => KernelSupport.MultiplyAddsOf(device.Physical));
        var profiles = new List<KernelProfile> { new(KernelForm.Portable, DataType.Float16), new(unit.Form, DataType.Float16) { Unit = unit } };
        if (KernelSupport.MatrixUnitsOf(device.Physical) is { } matrix)
            profiles.Add(new(matrix.Form, DataType.Float16) { Unit = matrix });
        double[]? seconds = PictureMeasurement.Seconds(device, profiles, SearchOptions.Brief);
        Assert.NotNull(seconds);
        Assert.Equal(profiles.Count, seconds.Length);
        Assert.All(seconds, s => Assert.InRange(s, 1e-9, 1e3));
        gpu.AssertNoMessages();
    }

    /// <summary>As for a GPU. Which it is, is not asserted: what suits a GPU is not what suits a CPU, and a small run decides by chance.</summary>
    [Fact]
    public void AChoiceIsCompleteAndSupported()
    {
        (GpuDevice device, _) = Require(device => KernelSupport.MultiplyAddsOf(device.Physical));
        KernelChoice choice = KernelSearch.FastestOnGpu(device, SearchOptions.Brief);
        Assert.True(choice.IsComplete);
        Assert.True(choice.Form == KernelForm.Portable ? choice.Unit is null : choice.Unit is { Linear: true, Convolution: true } && KernelSupport.UnitOf(device.Physical, choice.Form) is not null, choice.ToString());
        gpu.AssertNoMessages();
    }

    /// <summary>Between any two tests and rounds, of which there are about as many each time: some by what was the fastest.</summary>
    [Fact]
    public void TheSearchCanBeStopped()
    {
        (GpuDevice device, GemmUnit unit) = Require(device => KernelSupport.MultiplyAddsOf(device.Physical));
        // Once before, as it also pauses while kernels are built.
        GemmSelfTest.Run(device, unit, SearchOptions.Brief);
        int pauses = 0;
        SearchOptions counting = SearchOptions.Brief with { Pause = () => pauses++ };
        GemmSelfTest.Run(device, unit, counting);
        int all = pauses;
        Assert.True(all > 10, $"{all} pauses");
        long alive = device.LiveObjects.Count, used = device.Memory.UsedInBytes;
        foreach (int last in (int[])[1, all / 4, all / 2])
        {
            pauses = 0;
            SearchOptions stopping = SearchOptions.Brief with { Pause = () => { if (++pauses == last) throw new OperationCanceledException(); } };
            Assert.Throws<OperationCanceledException>(() => GemmSelfTest.Run(device, unit, stopping));
        }
        Assert.Equal((alive, used), (device.LiveObjects.Count, device.Memory.UsedInBytes));
        gpu.AssertNoMessages();
    }

    /// <summary>Also while kernels are built, of which those that are begun are waited for.</summary>
    [Fact]
    public void BuildingCanBeStopped()
    {
        (_, GemmUnit unit) = Require(device => KernelSupport.MultiplyAddsOf(device.Physical));
        using GpuInstance instance = GpuFixture.NewInstance();
        using var isBuilding = new ManualResetEventSlim();
        using GpuDevice device = DeviceOpening.Open(instance, options: new GpuDeviceOptions
        {
            CacheFolder = "",
            ShaderSource = _ =>
            {
                isBuilding.Set();
                Thread.Sleep(20);
                return null;
            },
        });
        KernelCall[] calls = [.. GemmTiles.Large(unit).Where(tile => tile.Fits(unit)).SelectMany(tile => GemmCases.Linears(unit, tile)).SelectMany(c => c.Calls)];
        var options = SearchOptions.Brief with { Pause = () => { if (isBuilding.IsSet) throw new OperationCanceledException(); } };
        Assert.Throws<OperationCanceledException>(() => KernelCallRecording.BuildPrograms(device, calls, options.Pause));
        // And can be begun anew.
        Assert.True(KernelCallRecording.TryBuildPrograms(device, calls, () => { }));
    }

    /// <summary>A driver that refuses them, played by a shader that is none: the others are measured all the same.</summary>
    [Fact]
    public void ARefusedKernelCountsAsInfinitelySlow()
    {
        (_, GemmUnit unit) = Require(device => KernelSupport.MultiplyAddsOf(device.Physical));
        using GpuInstance instance = GpuFixture.NewInstance();
        using GpuDevice device = DeviceOpening.Open(instance, options: new GpuDeviceOptions
        {
            CacheFolder = "",
            ShaderSource = name => name.StartsWith("linear_fma", StringComparison.Ordinal) ? throw new MissingFeatureException("refused", "refused by the test") : null,
        });
        double[]? seconds = PictureMeasurement.Seconds(
            device, [new(unit.Form, DataType.Float16) { Unit = unit }, new(KernelForm.Portable, DataType.Float16)], SearchOptions.Brief);
        Assert.NotNull(seconds);
        Assert.Equal(double.PositiveInfinity, seconds[0]);
        Assert.InRange(seconds[1], 1e-9, 1e3);
        if (KernelSupport.MatrixUnitsOf(device.Physical) is null)
            Assert.Equal(KernelForm.Portable, KernelSearch.FastestOnGpu(device, SearchOptions.Brief).Form);
    }

    /// <summary>Few tiles leave processors idle, and a block takes long beside another dispatch.</summary>
    [Theory]
    [InlineData(66, 768, 768, 2)]
    [InlineData(66, 768, 3072, 2)]
    [InlineData(18496, 4096, 1024, 1)]
    public void KIsSharedWhereTilesAreFew(int rows, int columns, int inner, int parts) =>
        Assert.Equal(parts, GemmTiles.For(Unit(1024) with { Processors = 60 }, rows, columns, inner, large: null).Parts);

    [Fact]
    public void NothingIsMeasuredWhereThereIsNoMemory()
    {
        (_, GemmUnit unit) = Require(device => KernelSupport.MultiplyAddsOf(device.Physical));
        using GpuInstance instance = GpuFixture.NewInstance();
        using GpuDevice device = DeviceOpening.Open(instance, options: new GpuDeviceOptions { CacheFolder = "", MemoryLimitInBytes = 4 << 20 });
        Assert.Null(PictureMeasurement.Seconds(device, [new(unit.Form, DataType.Float16) { Unit = unit }], SearchOptions.Brief));
    }

    /// <summary>Also where workgroups hold no more than Vulkan's larger devices must.</summary>
    [Theory]
    [InlineData(1024, 16)]
    [InlineData(448, 7)]
    [InlineData(256, 4)]
    public void TilesFitTheWorkgroup(int invocations, int groups)
    {
        GemmUnit unit = Unit(invocations);
        Assert.Equal(groups, unit.MaxSubgroups);
        Assert.False(unit.MayKeepFragments);
        foreach (int rows in (int[])[1, 17, 66, 80, 289, 18496])
        {
            foreach (int columns in (int[])[3, 768, 4096])
                Assert.True(GemmTiles.For(unit, rows, columns, 1024, large: null).Tile.Fits(unit), $"{rows} x {columns}");
        }
    }

    private static GemmUnit Unit(int invocations) => GemmUnit.OfMultiplyAdds(32 << 10, invocations);

    private static List<GemmTile> FittingTiles(GemmUnit unit) => [.. GemmTiles.All(unit).Where(tile => tile.Fits(unit))];

    private (GpuDevice Device, GemmUnit Unit) Require(int invocations) => Require(device =>
        KernelSupport.MultiplyAddsOf(device.Physical) is not null && device.Physical.Limits.MaxComputeWorkGroupInvocations >= invocations ? Unit(invocations) : null);

    private (GpuDevice Device, GemmUnit Unit) Require(Func<GpuDevice, GemmUnit?> unitOf)
    {
        GpuDevice device = gpu.Device;
        if (unitOf(device) is { } unit)
            return (device, unit);
        RequiredProfiles.Lack("fma-fp16", $"{device.Physical.Name} has no 16-bit storage, or too little memory for a workgroup");
        throw new InvalidOperationException();
    }
}
