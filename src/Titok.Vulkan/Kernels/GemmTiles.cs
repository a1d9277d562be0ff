using System.Collections.Immutable;
using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>The tiles that there are, and which suits a product.</summary>
internal static class GemmTiles
{
    /// <summary>Most fragments of rows that one subgroup makes alone.</summary>
    private const int FewRowFragments = 5, FewRowFragmentsOfFewRegisters = 2;

    // Sizes are those with fragments of 16 × 16 × 16. A block is a multiple of a panel wide also with fragments of 8 × 8 × 8.
    private static readonly GemmTile s_tall = new(5, 2, 4, 1, 4, 1, 4);   // 80 × 128 × 64
    private static readonly GemmTile s_broad = new(4, 2, 4, 1, 4, 1, 4);  // 64 × 128 × 64
    private static readonly GemmTile s_square = new(2, 2, 8, 2, 2, 2, 4); // 64 × 64 × 128, k split in two
    private static readonly GemmTile s_plain = new(2, 2, 4, 2, 2, 1, 4);  // 64 × 64 × 64

    private static readonly ImmutableArray<GemmTile> s_large =
    [
        new(4, 2, 2, 2, 4, 1, 2), // 128 × 128 × 32
        new(4, 2, 4, 2, 4, 1, 4), // 128 × 128 × 64
        new(4, 4, 2, 2, 2, 1, 2), // 128 × 128 × 32, by half the subgroups
        s_broad,
        new(4, 4, 2, 2, 4, 1, 2), // 128 × 256 × 32
        new(4, 2, 2, 2, 8, 1, 2), // 128 × 256 × 32, by twice the subgroups
        new(4, 2, 2, 4, 4, 1, 2), // 256 × 128 × 32, by as many
    ];

    // Of few registers, where fragments are of 8 × 8 × 16 or 8 × 16 × 16: sums of four to eight of them, and slabs of which an invocation
    // has few pieces on the way. Many subgroups share the rows' slabs. The larger ones are for Xe3, whose subgroups may take more registers.
    private static readonly ImmutableArray<GemmTile> s_largeOfFewRegisters =
    [
        new(2, 2, 1, 4, 4, 1, 1), // 64 × 64 × 16, or 64 × 128 × 16
        new(2, 2, 2, 4, 4, 1, 1), // 64 × 64 × 32, or 64 × 128 × 32
        new(2, 2, 4, 4, 4, 1, 1), // 64 × 64 × 64, or 64 × 128 × 64
        new(3, 2, 1, 4, 4, 1, 1), // 96 × 64 × 16, or 96 × 128 × 16
        new(4, 2, 2, 4, 4, 1, 1), // 128 × 64 × 32, or 128 × 128 × 32
    ];

    private static readonly GemmTile s_plainOfFewRegisters = new(2, 2, 1, 2, 4, 1, 1); // 32 × 64 × 16, or 32 × 128 × 16

    /// <summary>
    /// What large products may be made by: which is fastest has to be measured, as it hangs on how many registers a
    /// driver's compiler takes for each, and so on how many subgroups are at work.
    /// </summary>
    public static ImmutableArray<GemmTile> Large(GemmUnit unit) => unit.HasFewRegisters ? s_largeOfFewRegisters : s_large;

    /// <summary>Those that products are given whatever was measured, where they fit.</summary>
    public static IEnumerable<GemmTile> Small(GemmUnit unit) => Others(unit).Where(tile => tile.Fits(unit));

    /// <summary>All there are, whether they fit or not.</summary>
    public static IEnumerable<GemmTile> All(GemmUnit unit) => Large(unit).Union(Others(unit));

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
        bool isFewRows = rows <= MostFewRowFragments(unit) * unit.M;
        if (!isFewRows && columns <= WeightRequest.PanelWidth)
            return new TilePlan(Narrow(unit), 1);
        large ??= Large(unit)[0];
        IEnumerable<(GemmTile Tile, double Cost)> candidates =
            isFewRows ? [(Few(unit, (int)RoundUp.Divide(rows, unit.M)), TileCost.Few)]
            : unit.HasFewRegisters ? [(large, TileCost.LargeOfFewRegisters(large)), (s_plainOfFewRegisters, TileCost.PlainOfFewRegisters)]
            :
            [
                (large, TileCost.LargeOf(large)), (s_tall, TileCost.Tall), (s_broad, TileCost.Broad), (s_square, TileCost.Square),
                (s_plain, TileCost.Plain),
            ];
        // Without matrix units multiplying takes longer than all that tiles differ in.
        if (unit.Form == KernelForm.MultiplyAdd)
            candidates = candidates.Select(c => (c.Tile, TileCost.OfMultiplyAdds(c.Tile)));
        return TileCost.Cheapest(unit, candidates.Where(c => c.Tile.Fits(unit)), rows, columns, inner, products, mayPart);
    }

    private static IEnumerable<GemmTile> Others(GemmUnit unit) =>
    [
        .. unit.HasFewRegisters ? [s_plainOfFewRegisters] : (GemmTile[])[s_tall, s_broad, s_square, s_plain],
        Narrow(unit),
        .. Enumerable.Range(1, MostFewRowFragments(unit)).Select(fragments => Few(unit, fragments)),
    ];

    private static int MostFewRowFragments(GemmUnit unit) => unit.HasFewRegisters ? FewRowFragmentsOfFewRegisters : FewRowFragments;

    /// <summary>
    /// Up to 80 × 32 × 128, k split in eight; without matrix units 80 × 32 × 64, split in four, which takes less of registers and
    /// memory.
    /// </summary>
    private static GemmTile Few(GemmUnit unit, int rowFragments) =>
        unit.HasFewRegisters ? new(rowFragments, 2, 8, 1, 1, 8, 1)
        : unit.Form == KernelForm.Matrix ? new(rowFragments, 2, 8, 1, 1, 8, 2)
        : new(rowFragments, 2, 4, 1, 1, 4, 2);

    /// <summary>128 × 16 × 32; of few registers 128 × 16 × 16.</summary>
    private static GemmTile Narrow(GemmUnit unit) => unit.HasFewRegisters
        ? new(2, WeightRequest.PanelWidth / unit.N, 1, 8, 1, 1, 1)
        : new(2, WeightRequest.PanelWidth / unit.N, 2, 4, 1, 1, 2);
}
