using System.Collections.Immutable;
using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>The block of a product that a workgroup of a matrix kernel makes, counted in fragments (see matrix_tile).</summary>
/// <param name="RowFragments">Fragments of rows a subgroup.</param>
/// <param name="ColumnFragments">Fragments of columns a subgroup.</param>
/// <param name="SlabFragments">Fragments along k that are in shared memory at a time.</param>
/// <param name="SubgroupsM">Subgroups along the rows.</param>
/// <param name="SubgroupsN">Subgroups along the columns.</param>
/// <param name="SubgroupsK">Subgroups that share the k of a slab.</param>
/// <param name="WeightSteps">
/// Steps along k of which a subgroup has the weight's fragments in registers or on the way, where it reads them from memory:
/// 2, or 4 where there are registers for them.
/// </param>
internal sealed record GemmTile(int RowFragments, int ColumnFragments, int SlabFragments, int SubgroupsM, int SubgroupsN, int SubgroupsK, int WeightSteps)
{
    /// <summary>Fragments of sums that invocations have registers for where they multiply and add by themselves.</summary>
    private const int MaxFragmentsOfSums = 10;

    /// <summary>Shared memory that tells a workgroup how many parts of its block there are (join_parts).</summary>
    private const int CounterInBytes = 4;

    /// <summary>Most fragments of rows that one subgroup makes alone.</summary>
    private const int FewRowFragments = 5;

    // Sizes are those with fragments of 16 × 16 × 16. A block is a multiple of a panel wide also with fragments of 8 × 8 × 8.
    private static readonly GemmTile Tall = new(5, 2, 4, 1, 4, 1, 4);   // 80 × 128 × 64
    private static readonly GemmTile Broad = new(4, 2, 4, 1, 4, 1, 4);  // 64 × 128 × 64
    private static readonly GemmTile Square = new(2, 2, 8, 2, 2, 2, 4); // 64 × 64 × 128, k split in two
    private static readonly GemmTile Plain = new(2, 2, 4, 2, 2, 1, 4);  // 64 × 64 × 64

    /// <summary>
    /// What large products may be made by: which is fastest has to be measured, as it hangs on how many registers a
    /// driver's compiler takes for each, and so on how many subgroups are at work.
    /// </summary>
    public static ImmutableArray<GemmTile> LargeTiles { get; } =
    [
        new(4, 2, 2, 2, 4, 1, 2), // 128 × 128 × 32
        new(4, 2, 4, 2, 4, 1, 4), // 128 × 128 × 64
        new(4, 4, 2, 2, 2, 1, 2), // 128 × 128 × 32, by half the subgroups
        Broad,
        new(4, 4, 2, 2, 4, 1, 2), // 128 × 256 × 32
        new(4, 2, 2, 2, 8, 1, 2), // 128 × 256 × 32, by twice the subgroups
        new(4, 2, 2, 4, 4, 1, 2), // 256 × 128 × 32, by as many
    ];

    private int Subgroups => SubgroupsM * SubgroupsN * SubgroupsK;

    /// <summary>All there are, whether they fit or not.</summary>
    public static IEnumerable<GemmTile> All(GemmUnit unit) => LargeTiles.Union(Others(unit));

    /// <summary>Those that products are given whatever was measured, where they fit.</summary>
    public static IEnumerable<GemmTile> SmallTiles(GemmUnit unit) => Others(unit).Where(tile => tile.Fits(unit));

    /// <summary>The tile that suits a product.</summary>
    /// <param name="unit">The device's matrix units.</param>
    /// <param name="rows">Rows of the product.</param>
    /// <param name="columns">Columns of the product.</param>
    /// <param name="inner">Its k.</param>
    /// <param name="large">The tile for large products of this kind.</param>
    /// <param name="products">How many products of this size there are, side by side.</param>
    /// <param name="mayPart">Whether k may be split among workgroups.</param>
    public static TilePlan For(GemmUnit unit, long rows, int columns, int inner, GemmTile? large, int products = 1, bool mayPart = true)
    {
        if (rows > FewRowFragments * unit.M && columns <= WeightRequest.PanelWidth)
            return new TilePlan(Narrow(unit), 1);
        large ??= LargeTiles[0];
        IEnumerable<(GemmTile Tile, double Cost)> candidates = rows <= FewRowFragments * unit.M
            ? [(Few(unit, (int)RoundUp.Divide(rows, unit.M)), TileCost.Few)]
            :
            [
                (large, TileCost.LargeOf(large)), (Tall, TileCost.Tall), (Broad, TileCost.Broad), (Square, TileCost.Square),
                (Plain, TileCost.Plain),
            ];
        // Without matrix units multiplying takes longer than all that tiles differ in.
        if (unit.Form == KernelForm.MultiplyAdd)
            candidates = candidates.Select(c => (c.Tile, TileCost.OfMultiplyAdds(c.Tile)));
        return TileCost.Cheapest(unit, candidates.Where(c => c.Tile.Fits(unit)), rows, columns, inner, products, mayPart);
    }

    public bool Fits(GemmUnit unit) =>
        SharedMemoryInBytes(unit) <= unit.SharedMemoryInBytes && Subgroups <= unit.MaxSubgroups
        && (unit.Form == KernelForm.Matrix || RowFragments * ColumnFragments <= MaxFragmentsOfSums);

    public int Rows(GemmUnit unit) => unit.M * RowFragments * SubgroupsM;

    public int Columns(GemmUnit unit) => unit.N * ColumnFragments * SubgroupsN;

    /// <summary>Products that are added up between two barriers.</summary>
    public int Inner(GemmUnit unit) => unit.K * SlabFragments;

    /// <summary>Specialization constants 3 to 16 of a kernel that multiplies in blocks.</summary>
    public ImmutableArray<uint> Constants(GemmUnit unit) =>
    [
        (uint)(Subgroups * unit.SubgroupSize), (uint)unit.M, (uint)unit.N, (uint)unit.K, (uint)RowFragments, (uint)ColumnFragments,
        (uint)SlabFragments, (uint)SubgroupsM, (uint)SubgroupsN, (uint)SubgroupsK, (uint)Stages(unit),
        unit.WeightFragments ? (uint)WeightSteps : 0u, (uint)unit.FragmentSides, unit.WarpgroupOrder ? 1u : 0u,
    ];

    /// <summary>What the kernel declares: its slabs, or the strips of sums that take their place at the end.</summary>
    public int SharedMemoryInBytes(GemmUnit unit)
    {
        int strips = Subgroups * unit.M * 4 * (unit.N * ColumnFragments + 4);
        return Math.Max(Stages(unit) * SlabInBytes(unit), strips) + StatisticsInBytes(unit) + CounterInBytes;
    }

    public long Blocks(GemmUnit unit, long rows, int columns) =>
        RoundUp.Divide(rows, Rows(unit)) * RoundUp.Divide(columns, Columns(unit));

    private static IEnumerable<GemmTile> Others(GemmUnit unit) =>
        [Tall, Broad, Square, Plain, Narrow(unit), .. Enumerable.Range(1, FewRowFragments).Select(fragments => Few(unit, fragments))];

    /// <summary>
    /// Up to 80 × 32 × 128, k split in eight; without matrix units 80 × 32 × 64, split in four, which takes less of registers and
    /// memory.
    /// </summary>
    private static GemmTile Few(GemmUnit unit, int rowFragments) =>
        unit.Form == KernelForm.Matrix ? new(rowFragments, 2, 8, 1, 1, 8, 2) : new(rowFragments, 2, 4, 1, 1, 4, 2);

    private static GemmTile Narrow(GemmUnit unit) => new(2, WeightRequest.PanelWidth / unit.N, 2, 4, 1, 1, 2); // 128 × 16 × 32

    /// <summary>Two slabs, one multiplied while the next is stored, where a workgroup has the memory for them.</summary>
    private int Stages(GemmUnit unit) => 2 * SlabInBytes(unit) + StatisticsInBytes(unit) + CounterInBytes <= unit.SharedMemoryInBytes ? 2 : 1;

    /// <summary>Of the rows, for the layer norm of the input.</summary>
    private int StatisticsInBytes(GemmUnit unit) => 2 * sizeof(float) * Rows(unit);

    private int SlabInBytes(GemmUnit unit) =>
        2 * (Rows(unit) * (Inner(unit) + 8) + (unit.WeightFragments ? 0 : Inner(unit) * (Columns(unit) + 8)));
}

/// <summary>How a product is made.</summary>
/// <param name="Tile">A workgroup's block.</param>
/// <param name="Parts">Workgroups that k is split among (join_parts).</param>
internal readonly record struct TilePlan(GemmTile Tile, int Parts)
{
    /// <summary>What it takes, by <see cref="TileCost"/>; 0 where nobody had to ask.</summary>
    public double Time { get; init; }
}
