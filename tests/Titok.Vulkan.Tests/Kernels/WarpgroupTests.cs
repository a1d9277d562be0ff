using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Titok.Vulkan.Engine;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Tests.Gpu;

namespace Titok.Vulkan.Tests.Kernels;

/// <summary>The kernels for NVIDIA's Hopper GPUs: which products they are given, that they are given what they take, and, on such a GPU, that they are right.</summary>
[Collection(GpuCollection.Name)]
public partial class WarpgroupTests(GpuFixture gpu)
{
    private static readonly GemmUnit s_hopper = EmulatedHopper.Unit;

    [Theory]
    [InlineData(18496, 1024, 4096, "linear_warpgroup_192x256.fp16", 1)]
    [InlineData(18496, 4096, 1024, "linear_warpgroup_192x256.fp16", 1)]
    [InlineData(4224, 768, 2304, "linear_warpgroup_192x256.fp16", 1)]
    [InlineData(4224, 768, 3072, "linear_warpgroup_192x256.fp16", 1)]
    [InlineData(4224, 3072, 768, "linear_warpgroup_128x256.fp16", 1)]
    [InlineData(66, 768, 3072, "linear_warpgroup_40x64.fp16", 1)]
    [InlineData(66, 3072, 768, "linear_warpgroup_40x64.fp16", 4)]
    [InlineData(258, 1024, 4096, "linear_warpgroup_72x64.fp16", 1)]
    [InlineData(258, 4096, 1024, "linear_warpgroup_72x64.fp16", 2)]
    [InlineData(289, 1024, 4096, "linear_warpgroup_136x128.fp16", 1)]
    [InlineData(289, 4096, 1024, "linear_warpgroup_72x64.fp16", 1)]
    [InlineData(18496, 1024, 4000, "linear_matrix.fp16", 1)]
    [InlineData(18496, 1040, 4096, "linear_matrix.fp16", 1)]
    public void LinearLayersOfWholeBlocksGoToThem(int rows, int inner, int columns, string program, int parts)
    {
        KernelCall call = Linear(s_hopper, rows, inner, columns, Activation.None);
        Assert.Equal((program, (uint)parts), (call.Program, call.ThreadBlock is null ? 1 : call.Groups.Z));
    }

    /// <summary>Each block that may be used is chosen by what it takes, and no other.</summary>
    [Theory]
    [InlineData(0b00000, 258, "linear_matrix.fp16")]
    [InlineData(0b01000, 258, "linear_warpgroup_72x64.fp16")]
    [InlineData(0b10000, 258, "linear_warpgroup_136x128.fp16")]
    [InlineData(0b11111, 258, "linear_warpgroup_72x64.fp16")]
    [InlineData(0b11000, 66, "linear_warpgroup_72x64.fp16")]
    [InlineData(0b11111, 66, "linear_warpgroup_40x64.fp16")]
    [InlineData(0b00001, 18496, "linear_warpgroup_128x256.fp16")]
    [InlineData(0b00010, 18496, "linear_warpgroup_192x256.fp16")]
    [InlineData(0b11100, 18496, "linear_matrix.fp16")]
    public void OnlyBlocksThatMayBeUsedAre(int blocks, int rows, string program) =>
        Assert.Equal(program, Linear(s_hopper with { LinearBlocks = blocks }, rows, 1024, 3072).Program);

    [Fact]
    public void AnythingElseDoesNot()
    {
        Assert.Equal("linear_matrix.fp16", Linear(s_hopper with { LinearBlocks = 0 }, 18496, 1024, 4096).Program);
        Assert.Equal("linear_matrix.fp16", Linear(s_hopper, 18496, 1024, 4096, Activation.Tanh).Program);
        Assert.Equal("linear_matrix.fp16_int8", Linear(s_hopper, 18496, 1024, 4096, int8: true).Program);
        Assert.Equal("linear_warpgroup_192x256.fp16", Linear(s_hopper, 18496, 1024, 4096, output: DataType.Float32).Program);
        Assert.Equal("conv3x3_matrix.fp16_f32", Convolution(16, 64, 256, 256, upsample: false, DataType.Float32)[0].Program);
        Assert.False(WarpgroupBlock.Suits(s_hopper.WithFragments(false)));
        Assert.False(WarpgroupBlock.Suits(s_hopper with { SubgroupSize = 64 }));
        Assert.False(WarpgroupBlock.Suits(s_hopper with { WarpgroupOrder = false }));
        Assert.True(WarpgroupBlock.Suits(s_hopper));
    }

    /// <summary>Statistics that have to be gathered, of few rows, are gathered by the matrix kernels; of many they are there already.</summary>
    [Theory]
    [InlineData(1, 256, "linear_matrix.fp16", 1u)]
    [InlineData(64, 289, "linear_warpgroup_192x256.fp16", 2u)]
    public void ANormIsFoldedIntoThem(int batch, int tokens, string program, uint statistics)
    {
        // Everything is faster by warpgroups here.
        var graph = new Graph("layer", new KernelProfile(KernelForm.Matrix, DataType.Float16) { Unit = s_hopper with { Processors = 1 } });
        Tensor x = graph.External("x", DataType.Float16, batch, tokens, 1024);
        Tensor normed = graph.LayerNorm("norm", x, graph.Vector(1024, "norm.weight"), graph.Vector(1024, "norm.bias"), 1e-5f);
        graph.Stage("y", graph.Linear("layer", normed, graph.Matrix(4096, 1024, "weight"), graph.Vector(4096, "bias")));
        KernelCall call = graph.Compile(keepStages: true).Dispatches[^1].Call;
        Assert.Equal((program, statistics), (call.Program, call.Specialization[call.ThreadBlock is null ? 17 : 3]));
    }

    /// <summary>Rows that such a kernel made are normed by statistics of their spans, which it leaves, and the layer that norms them merges.</summary>
    [Theory]
    [InlineData(1, 258, 1024, "linear_warpgroup_72x64.fp16", 16)]
    [InlineData(2, 33, 768, "linear_warpgroup_40x64.fp16", 12)]
    [InlineData(64, 289, 1024, "linear_warpgroup_192x256.fp16", 4)]
    public void StatisticsAreLeftAndMerged(int batch, int tokens, int width, string program, int spans)
    {
        var graph = new Graph("layer", new KernelProfile(KernelForm.Matrix, DataType.Float16) { Unit = s_hopper });
        Tensor x = graph.External("x", DataType.Float16, batch, tokens, 4 * width);
        Tensor y = graph.Linear("first", x, graph.Matrix(width, 4 * width, "first"), bias: null);
        Tensor normed = graph.LayerNorm("norm", y, graph.Vector(width, "norm.weight"), graph.Vector(width, "norm.bias"), 1e-5f);
        graph.Stage("y", graph.Linear("second", normed, graph.Matrix(4 * width, width, "second"), bias: null));
        KernelCall[] calls = [.. graph.Compile(keepStages: true).Dispatches.Select(d => d.Call)];
        Assert.Equal(program, calls[0].Program);
        Assert.NotNull(calls[1].ThreadBlock);
        Tensor left = calls[0].Bindings[9].Tensor;
        Assert.Equal((new Shape(batch * tokens, spans, 2), Access.Write), (left.Shape, calls[0].Bindings[9].Access));
        Assert.Equal((left, Access.Read), (calls[1].Bindings[8].Tensor, calls[1].Bindings[8].Access));
        // Whether statistics are left, and merged, and of how many spans.
        Assert.Equal((1u, 3u, (uint)spans), (calls[0].Specialization[9], calls[1].Specialization[3], calls[1].Specialization[8]));
    }

    [Theory]
    [InlineData(16, 64, 256, 256, false, "conv3x3_warpgroup_192x256.fp16")]
    [InlineData(16, 64, 256, 256, true, "conv3x3_warpgroup_192x256.fp16")]
    [InlineData(16, 32, 256, 256, false, "conv3x3_warpgroup_128x256.fp16")]
    [InlineData(1, 16, 512, 512, false, "conv3x3_matrix.fp16")]
    [InlineData(16, 64, 128, 128, false, "conv3x3_warpgroup_128x128.fp16")]
    [InlineData(1, 256, 128, 128, false, "conv3x3_warpgroup_128x128.fp16")]
    [InlineData(16, 64, 128, 64, false, "conv3x3_matrix.fp16")]
    [InlineData(16, 64, 144, 256, false, "conv3x3_matrix.fp16")]
    public void LargeConvolutionsOfWholeBlocksGoToThem(int batch, int size, int inChannels, int outChannels, bool upsample, string program) =>
        Assert.Equal(program, Convolution(batch, size, inChannels, outChannels, upsample)[0].Program);

    /// <summary>A group answers 64 queries, or 128; heads of other widths are not theirs.</summary>
    [Theory]
    [InlineData(33, 48, "attention_warpgroup_48.fp16", 1)]
    [InlineData(65, 48, "attention_warpgroup_48.fp16", 2)]
    [InlineData(33, 64, "attention_warpgroup_64.fp16", 1)]
    [InlineData(289, 64, "attention_warpgroup_64.fp16", 3)]
    [InlineData(289, 32, "attention_matrix.fp16", 5)]
    [InlineData(33, 32, "attention_matrix.fp16", 1)]
    public void AttentionOfTheModelsHeadsGoesToThem(int tokens, int headDim, string program, int groups)
    {
        KernelCall call = Attention(AttentionForm.Warpgroup, tokens, headDim);
        Assert.Equal((program, new GroupCount((uint)groups, 4, 2)), (call.Program, call.Groups));
        // Of which the kernel says what it takes (shaders/attention).
        if (call.ThreadBlock is { } block)
            Assert.Equal(headDim == 48 ? new ThreadBlock(128, 24 << 10) : new ThreadBlock(256, 40 << 10), block);
    }

    /// <summary>Of the two blocks for large products the larger is left out where it is slower; where only one may be used, nothing is compared.</summary>
    [Fact]
    public void TheLargerBlockIsLeftOutWhereItIsSlower()
    {
        foreach (ImmutableArray<WarpgroupBlock> blocks in (ImmutableArray<WarpgroupBlock>[])[WarpgroupBlock.Linears, WarpgroupBlock.Convolutions])
        {
            Assert.Equal(0b111, WarpgroupSelfTest.WithoutLarger(blocks, 0b111, Faster(true)));
            Assert.Equal(0b101, WarpgroupSelfTest.WithoutLarger(blocks, 0b111, Faster(false)));
            Assert.Null(WarpgroupSelfTest.WithoutLarger(blocks, 0b111, Faster(null)));
            Assert.Equal(0b110, WarpgroupSelfTest.WithoutLarger(blocks, 0b110, (_, _) => throw new InvalidOperationException()));
            Assert.Null(WarpgroupSelfTest.WithoutLarger(blocks, null, (_, _) => throw new InvalidOperationException()));
        }

        static Func<WarpgroupBlock, WarpgroupBlock, bool?> Faster(bool? larger) => (block, other) =>
        {
            Assert.Equal((WarpgroupBlock.Larger, WarpgroupBlock.Large), (block, other));
            return larger;
        };
    }

    /// <summary>The struct that a kernel takes is what it is given, and its threads are those that it is made for.</summary>
    [Fact]
    public void TheyAreGivenWhatTheyTake()
    {
        KernelCall[] calls =
        [
            Linear(s_hopper with { LinearBlocks = 1 }, 18496, 1024, 4096), Linear(s_hopper, 18496, 1024, 4096),
            Linear(s_hopper, 66, 768, 3072), Linear(s_hopper, 258, 1024, 4096), Linear(s_hopper, 289, 1024, 4096),
            Convolution(16, 64, 256, 256, upsample: false)[0], Convolution(16, 32, 256, 256, upsample: false)[0],
            Convolution(16, 64, 128, 128, upsample: false)[0],
            Attention(AttentionForm.Warpgroup, 33, 48), Attention(AttentionForm.Warpgroup, 289, 64),
        ];
        Assert.Equal(EmbeddedShaders.ModuleNames.Select(name => name + ".fp16").Order(StringComparer.Ordinal), calls.Select(c => c.Program).Order(StringComparer.Ordinal));
        foreach (KernelCall call in calls)
        {
            Match kernel = Kernel().Match(Encoding.UTF8.GetString(EmbeddedShaders.ReadModule(call.Program[..call.Program.IndexOf('.')])));
            byte[] arguments = KernelCallRecording.Arguments(call, new ulong[call.Bindings.Length]);
            Assert.Equal(("fp16", Number(kernel.Groups[2]), Number(kernel.Groups[3])), (kernel.Groups[1].Value, arguments.Length, call.ThreadBlock!.Value.Threads));
        }

        static int Number(Group group) => int.Parse(group.ValueSpan, CultureInfo.InvariantCulture);
    }

    /// <summary>Which is asked when a call is made: a loop over k that does not come in whole rounds would not end.</summary>
    [Fact]
    public void TheSelfTestHasNothingThatTheyDoNotSuit()
    {
        Assert.All(WarpgroupSelfTest.Cases(s_hopper with { LinearBlocks = 0 }), c => Assert.NotEmpty(c.Calls));
        Assert.All(WarpgroupSelfTest.Chains(WarpgroupSelfTest.WithAll(s_hopper)), c => Assert.True(c.Calls.Count(call => call.IsChained) > 1));
        Assert.False(WarpgroupSelfTest.MayChain(s_hopper with { LinearBlocks = 0 }));
        Assert.True(WarpgroupSelfTest.MayChain(s_hopper));
        foreach (WarpgroupBlock block in WarpgroupBlock.Convolutions)
        {
            var variant = GemmVariant.ForWarpgroups("conv3x3", block);
            Assert.Throws<ArgumentException>(() =>
                GemmCases.Convolution(s_hopper, pictures: 1, block.InnerMultiple - 32, block.Columns, upsample: false, (_, _, _) => variant));
        }
        foreach (WarpgroupBlock block in WarpgroupBlock.Linears)
        {
            int inner = 3 * block.InnerMultiple;
            Assert.NotEmpty(Linear(GemmVariant.ForWarpgroups("linear", block, parts: 3), inner, block.Columns).Calls);
            Assert.Throws<ArgumentException>(() => Linear(GemmVariant.ForWarpgroups("linear", block, parts: 2), inner, block.Columns));
            Assert.Throws<ArgumentException>(() => Linear(GemmVariant.ForWarpgroups("linear", block), inner - 32, block.Columns));
            Assert.Throws<ArgumentException>(() => Linear(GemmVariant.ForWarpgroups("linear", block), inner, block.Columns + 16));
        }

        static SelfTestCase Linear(GemmVariant variant, int inner, int columns) =>
            GemmCases.Linear(s_hopper, rows: 8, inner, columns, columns, DataType.Float16, _ => variant);
    }

    /// <summary>Blocks, ragged ends, norms and all, and attention.</summary>
    [Fact]
    public void TheyAgreeWithTheOtherKernels()
    {
        GemmUnit? unit = KernelSupport.MatrixUnitsOf(gpu.Device.Physical);
        if (unit is null || !KernelSupport.MayUseWarpgroups(gpu.Device.Physical, unit))
            Assert.Skip($"{gpu.Device.Physical.Name} is not one of NVIDIA's Hopper generation with VK_NVX_binary_import");
        Assert.All(WarpgroupSelfTest.Cases(unit), c => Assert.True(c.Agrees(gpu.Device)));
        gpu.AssertNoMessages();
    }

    [GeneratedRegex(@"\.visible \.entry (\w+)\(\s*\.param \.align 8 \.b8 \w+\[(\d+)\]\s*\)\s*\.maxntid (\d+)")]
    private static partial Regex Kernel();

    private static KernelCall Linear(
        GemmUnit unit, int rows, int inner, int columns, Activation activation = Activation.Gelu, bool int8 = false, DataType output = DataType.Float16)
    {
        var graph = new Graph("layer", new KernelProfile(KernelForm.Matrix, DataType.Float16) { Unit = unit, Int8Weights = int8 });
        Tensor x = graph.External("x", DataType.Float16, rows, inner);
        graph.Stage("y", graph.Linear("layer", x, graph.Matrix(columns, inner, "weight"), graph.Vector(columns, "bias"), activation, output: output));
        return graph.Compile(keepStages: true).Dispatches[0].Call;
    }

    private static KernelCall Attention(AttentionForm form, int tokens, int headDim)
    {
        var profile = new KernelProfile(KernelForm.Matrix, DataType.Float16) { Unit = s_hopper.With(form) };
        var graph = new Graph("attention", profile);
        Tensor qkv = graph.External("qkv", DataType.Float16, 2, tokens, 3 * 4 * headDim);
        return AttentionKernel.Create(profile, qkv, graph.External("y", DataType.Float16, 2, tokens, 4 * headDim), heads: 4);
    }

    private static KernelCall[] Convolution(int batch, int size, int inChannels, int outChannels, bool upsample, DataType output = DataType.Float16)
    {
        var graph = new Graph("layer", new KernelProfile(KernelForm.Matrix, DataType.Float16) { Unit = s_hopper });
        Tensor x = graph.External("x", DataType.Float16, batch, size, size, inChannels);
        graph.Stage("y", graph.Conv3x3("layer", x, graph.Convolution("weight", outChannels, inChannels, upsample), bias: null, upsample: upsample, output: output));
        return [.. graph.Compile(keepStages: true).Dispatches.Select(d => d.Call)];
    }
}
