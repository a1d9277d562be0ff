using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Benchmarks;

/// <summary>A linear layer of the models, with what it does to its sums, to be made by one tile of the matrix kernels after another.</summary>
/// <param name="Rows">Rows of the product.</param>
/// <param name="Columns">Its columns.</param>
/// <param name="Inner">Its k.</param>
internal sealed record TileProduct(int Rows, int Columns, int Inner)
{
    /// <summary>Generator L with guidance and tokenizer L, for one picture and for 64; and the generator of 128 tokens, for one.</summary>
    public static IReadOnlyList<TileProduct> All { get; } =
    [
        new(66, 2304, 768), new(66, 768, 768), new(66, 3072, 768), new(66, 768, 3072),
        new(258, 3072, 1024), new(258, 1024, 1024), new(258, 4096, 1024), new(258, 1024, 4096),
        new(289, 3072, 1024), new(289, 1024, 1024), new(289, 4096, 1024), new(289, 1024, 4096),
        new(4224, 2304, 768), new(4224, 768, 768), new(4224, 3072, 768), new(4224, 768, 3072),
        new(18496, 3072, 1024), new(18496, 1024, 1024), new(18496, 4096, 1024), new(18496, 1024, 4096),
    ];

    public double Operations => 2.0 * Rows * Columns * Inner;

    public string Name => $"linear {Rows}x{Columns}x{Inner}";

    /// <summary>Those that have room on the device, but not the ones for few rows where there are many.</summary>
    public IEnumerable<GemmTile> Tiles(GemmUnit unit) => GemmTiles.All(unit)
        .Where(tile => tile.Fits(unit.For(Inner, DataType.Float16)))
        .Where(tile => tile.Columns(unit) > WeightRequest.PanelWidth && (tile.SubgroupsM * tile.SubgroupsN > 1 || tile.Rows(unit) >= Rows));

    /// <summary>A tile by the sides of its block, and its subgroups along each.</summary>
    public static string Describe(GemmTile tile, GemmUnit unit) =>
        $"{tile.Rows(unit)}x{tile.Columns(unit)}x{tile.Inner(unit)}/{tile.SubgroupsM}x{tile.SubgroupsN}x{tile.SubgroupsK}";

    public KernelCall Call(KernelProfile profile, GemmTile tile) =>
        Call(profile, GemmVariant.ForLinear(profile, Rows, Inner, Columns, DataType.Float16, new TilePlan(tile, 1)));

    /// <summary>By a block of the warpgroup kernels, with k in each number of parts that may be; none where it does not make it.</summary>
    public IEnumerable<(int Parts, KernelCall Call)> Calls(KernelProfile profile, WarpgroupBlock block) =>
        block.SuitsProduct(Inner, Columns)
            ? TileCost.Parts.Where(parts => parts == 1 || block.MayPart(Rows, Columns, Inner, parts))
                .Select(parts => (parts, Call(profile, GemmVariant.ForWarpgroups("linear", block, parts))))
            : [];

    private KernelCall Call(KernelProfile profile, GemmVariant variant)
    {
        var graph = new Graph(Name, profile);
        Tensor x = graph.External("x", DataType.Float16, Rows, Inner), y = graph.External("y", DataType.Float16, Rows, Columns);
        Tensor weight = graph.External("weight", DataType.Float16, Columns, Inner), bias = graph.External("bias", DataType.Float32, Columns);
        GemmEpilogue epilogue = Columns > Inner
            ? new GemmEpilogue(bias, Activation.Gelu, null)
            : new GemmEpilogue(bias, Activation.None, graph.External("residual", DataType.Float16, Rows, Columns));
        return LinearKernel.CreateTiled(profile, variant, x, weight, epilogue, y, default, graph.PartsOf("parts", variant, Rows, Columns));
    }
}
