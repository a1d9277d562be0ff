using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Tests.Graphs;

/// <summary>Shapes, group counts, what a graph refuses, and how a plan prints.</summary>
public class GraphTests
{
    private static readonly KernelProfile s_portable = new(KernelForm.Portable, DataType.Float32);

    [Fact]
    public void ShapesCountFromBothEnds()
    {
        var shape = new Shape(2, 3, 4);
        Assert.Equal((3, 24, 6, 4, 2), (shape.Rank, (int)shape.Count, shape.Rows, shape[-1], shape[-3]));
        Assert.Equal("[2, 3, 4]", shape.ToString());
        Assert.Equal(new Shape(2, 3, 4), shape);
        Assert.NotEqual(new Shape(2, 12), shape);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Shape(2, 0));
    }

    /// <summary>Two for each number of a weight and each row of the output; in attention two for each number of a key and of a value.</summary>
    [Fact]
    public void KernelsTellTheirOperations()
    {
        var graph = new Graph("work", s_portable);
        Tensor qkv = graph.Stage("qkv", graph.Linear("linear", graph.External("x", DataType.Float32, 2, 5, 8), graph.Matrix(12, 8, "weight"), bias: null));
        graph.Stage("attended", graph.Attention("attention", qkv, heads: 2));
        Tensor picture = graph.External("picture", DataType.Float32, 1, 4, 4, 8);
        graph.Stage("convolved", graph.Conv3x3("convolution", picture, graph.Convolution("kernel", 16, 8), bias: null));
        graph.Stage("doubled", graph.Conv3x3("doubling", picture, graph.Convolution("kernel", 16, 8, upsample: true), bias: null, upsample: true));
        graph.Stage("softmax", graph.Softmax("softmax", qkv));
        Assert.Equal(
            [2 * 10 * 12 * 8, 4 * 10 * 4 * 5, 2 * 16 * 16 * 9 * 8, 2 * 64 * 16 * 4 * 8, 0.0],
            graph.Compile(keepStages: true).Dispatches.Select(d => d.Call.Operations));
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(65535, 65535, 1)]
    [InlineData(65536, 32768, 2)]
    [InlineData(1_000_000, 62500, 16)]
    public void LongLinesOfGroupsAreFolded(long groups, uint x, uint y) => Assert.Equal(new GroupCount(x, y, 1), GroupCount.Line(groups));

    [Fact]
    public void FoldedLinesCoverEveryGroup()
    {
        var random = new Random(1);
        for (int i = 0; i < 1000; i++)
        {
            long groups = random.NextInt64(1, 1L << 30);
            GroupCount count = GroupCount.Line(groups);
            Assert.True(count.X <= GroupCount.AxisLimit && count.Y <= GroupCount.AxisLimit && (long)count.X * count.Y >= groups, $"{groups}: {count}");
        }
    }

    [Fact]
    public void ShapesThatDoNotFitAreRefusedByName()
    {
        var graph = new Graph("network", s_portable);
        Tensor x = graph.External("x", DataType.Float32, 2, 5, 8);
        Tensor picture = graph.External("picture", DataType.Float32, 1, 3, 30, 30);
        Refuses("network: mlp.fc1: input [2, 5, 8] does not end in 9.", () => graph.Linear("mlp.fc1", x, graph.Matrix(4, 9, "w"), null));
        Refuses("network: mlp.fc1: bias [5] is not [4].", () => graph.Linear("mlp.fc1", x, graph.Matrix(4, 8, "w8"), graph.Vector(5, "b")));
        Refuses("network: attn: [2, 5, 8] does not split into 2 heads.", () => graph.Attention("attn", x, 2));
        Refuses("network: norm: [2, 5, 8] has no token 5.", () => graph.LayerNorm("norm", x, graph.Vector(8, "nw"), graph.Vector(8, "nb"), 1e-5f, 5));
        Refuses("network: kept: [2, 5, 8] has no tokens 4..6.", () => graph.TakeTokens("kept", x, 4, 2));
        Refuses("is not of whole pieces of 16 bytes", () => graph.TakeTokens("kept", graph.External("odd", DataType.Float32, 2, 5, 6), 0, 2));
        Refuses("is not a picture of 16-pixel patches", () => graph.Patchify("patches", picture, 16));
        Tensor maps = graph.External("maps", DataType.Float32, 1, 8, 8, 6);
        Refuses("residual maps[1, 8, 8, 6]:Float32 is not [1, 8, 8, 4].", () => graph.Conv3x3("conv", maps, graph.Convolution("cw", 4, 6), null, residual: maps));
        Refuses("network: norm: [1, 8, 8, 6] does not split into 4 groups of [6].", () => graph.GroupNorm("norm", maps, graph.Vector(6, "gw"), graph.Vector(6, "gb"), 4, 1e-6f, silu: true));
        Refuses("network: external x is declared twice.", () => graph.External("x", DataType.Float32, 1));
    }

    [Fact]
    public void SlicesAreStretchesThatABufferMayBeBoundAt()
    {
        Tensor x = new Graph("network", s_portable).External("x", DataType.Float32, 6, 2, 16);
        Assert.True(x.IsSliceableEvery(2) && !x.IsSliceableEvery(1));
        Tensor slice = x.Slice(2, 3);
        Assert.Equal((new Shape(3, 2, 16), 256L, 384L), (slice.Shape, slice.OffsetInBytes, slice.SizeInBytes));
        Assert.Equal(512, slice.Slice(2, 1).OffsetInBytes);
        Assert.NotEqual(x.Range, x.Slice(0, 4).Range);
        Assert.Equal(x.Range, x.Reshape(12, 16).Range);
        Assert.Equal("x: [6, 2, 16] has no slice of 2 that begins at 1.", Assert.Throws<ArgumentException>(() => x.Slice(1, 2)).Message);
        Assert.Throws<ArgumentException>(() => x.Slice(4, 3));
    }

    [Fact]
    public void APlanPrintsEachDispatchWithItsBarriers()
    {
        var graph = new Graph("mlp", s_portable);
        Tensor x = graph.External("x", DataType.Float32, 3, 8);
        Tensor hidden = graph.Linear("fc1", x, graph.Matrix(16, 8, "fc1.weight"), null, Activation.Gelu);
        graph.Stage("y", graph.Linear("fc2", hidden, graph.Matrix(8, 16, "fc2.weight"), null, residual: x));
        string expected =
            """
            mlp: 2 dispatches, arena 512 bytes
              fc1: linear.fp32<1,0,0>(x[3, 8]:Float32, fc1.weight[16, 8]:Float32, fc1.weight[16, 8]:Float32, x[3, 8]:Float32, fc1[3, 16]:Float32) × 1×1×1
              ----
              fc2: linear.fp32<0,0,1>(fc1[3, 16]:Float32, fc2.weight[8, 16]:Float32, fc2.weight[8, 16]:Float32, x[3, 8]:Float32, fc2[3, 8]:Float32) × 1×1×1

            """;
        Assert.Equal(expected.ReplaceLineEndings(), graph.Compile(keepStages: true).ToString());
    }

    [Fact]
    public void WhatNobodyReadsIsNotMade()
    {
        var graph = new Graph("mlp", s_portable);
        Tensor x = graph.External("x", DataType.Float32, 3, 8);
        graph.Linear("unread", graph.Linear("read by that", x, graph.Matrix(16, 8, "a"), null), graph.Matrix(8, 16, "b"), null);
        graph.Stage("y", graph.Linear("y", x, graph.Matrix(16, 8, "c"), null));
        ExecutionPlan plan = graph.Compile(keepStages: true);
        Assert.Equal(["y"], plan.Dispatches.Select(d => d.Label));
        Assert.Equal(["c"], plan.Weights.Select(w => w.Name));
    }

    [Theory]
    [InlineData(1024, 32)]
    [InlineData(768, 32)]
    [InlineData(320, 16)]
    [InlineData(96, 8)]
    [InlineData(12, 1)]
    [InlineData(4, 1)]
    public void LoopsAreUnrolledByWhatDividesThem(int inner, uint quads) =>
        Assert.Equal([1u, quads], GemmVariant.ForLinear(new KernelProfile(KernelForm.CpuUniform, DataType.Float32), rows: 6, inner, columns: 16, DataType.Float32).Constants);

    [Theory]
    [InlineData(6)]
    [InlineData(27)]
    public void InputsThatAreNotOfFoursGoToThePortableKernel(int inner)
    {
        foreach (KernelForm form in Enum.GetValues<KernelForm>())
        {
            Assert.Equal("linear", GemmVariant.ForLinear(new KernelProfile(form, DataType.Float32), rows: 6, inner, columns: 16, DataType.Float32).Shader);
            Assert.Equal("conv3x3", GemmVariant.ForConvolution(new KernelProfile(form, DataType.Float32), pixels: 6, inner, outChannels: 16).Shader);
        }
    }

    private static void Refuses(string message, Action act) => Assert.Contains(message, Assert.Throws<ArgumentException>(act).Message);
}
