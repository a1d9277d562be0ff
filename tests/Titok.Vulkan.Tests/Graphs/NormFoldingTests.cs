using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Tests.Graphs;

/// <summary>Which layer norms are folded into the linear layer that reads them, and where their statistics come from.</summary>
public class NormFoldingTests
{
    private static readonly GemmUnit s_unit = new(16, 16, 16, 32, 48 << 10) { Processors = 132 };

    /// <summary>Of 64 × 64 × 64.</summary>
    private static readonly GemmTile s_tile = new(2, 2, 4, 2, 2, 1, 4);

    [Fact]
    public void ANormIsFoldedIntoAWholeMatrix() => Assert.Equal(["linear_matrix"], Programs(graph => graph.Matrix(32, 64, "weight")));

    [Fact]
    public void ANormIsNotFoldedIntoPartOfAMatrix()
    {
        string[] apart = ["layer_norm_quads", "linear_matrix"];
        Assert.Equal(apart, Programs(graph => graph.MatrixColumns("weight", 32, 128, 0, 64)));
        Assert.Equal(apart, Programs(graph => graph.MatrixColumns("weight", 32, 128, 64, 64)));
    }

    /// <summary>Of a square one the shape does not tell.</summary>
    [Theory]
    [InlineData(32)]
    [InlineData(64)]
    public void ANormIsNotFoldedIntoATransposedMatrix(int columns) =>
        Assert.Equal(["layer_norm_quads", "linear_matrix"], Programs(graph => graph.TransposedMatrix("weight", columns, 64)));

    [Theory]
    [InlineData(256, 64, false)]
    [InlineData(257, 64, true)]
    [InlineData(257, 4096, true)]
    [InlineData(257, 4104, false)] // A workgroup does not keep such a row.
    public void StatisticsOfManyRowsAreTakenByThemselves(int rows, int width, bool apart) =>
        Assert.Equal(apart ? ["row_statistics", "linear_matrix"] : ["linear_matrix"], Programs(graph => graph.Matrix(32, width, "weight"), rows, width));

    /// <summary>A tile is 64 columns wide.</summary>
    [Theory]
    [InlineData(64, 2, 1)]
    [InlineData(192, 2, 3)]
    [InlineData(72, 2, 0)]
    [InlineData(40, 2, 1)]
    [InlineData(44, 2, 0)]
    [InlineData(64, 1, 0)]
    public void StatisticsAreLeftByEqualSpans(int columns, int parts, int spans)
    {
        var variant = GemmVariant.ForLinear(KernelProfile.Of(s_unit), rows: 64, inner: 1024, columns, DataType.Float16, new TilePlan(s_tile, parts));
        Assert.Equal((64, spans), (variant.TileColumns, variant.SpansOf(columns)));
    }

    /// <summary>The kernels of a norm and the linear layer that reads it, without their types.</summary>
    private static string[] Programs(Func<Graph, Tensor> weight, int rows = 16, int width = 64)
    {
        var graph = new Graph("network", KernelProfile.Of(s_unit));
        Tensor x = graph.External("x", DataType.Float16, 1, rows, width);
        Tensor norm = graph.LayerNorm("norm", x, graph.Vector(width, "g"), graph.Vector(width, "b"), 1e-5f);
        graph.Stage("y", graph.Linear("y", norm, weight(graph), bias: null));
        return [.. graph.Compile(keepStages: true).Dispatches.Select(d => d.Call.Program.Split('.')[0])];
    }
}
