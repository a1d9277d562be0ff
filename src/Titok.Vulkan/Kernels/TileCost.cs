using System.Collections.Immutable;

namespace Titok.Vulkan.Kernels;

/// <summary>
/// What products cost by each kind of tile, to choose between one large block a processor and many small ones, and whether
/// to split k. Microseconds on a fully occupied NVIDIA H100, with weights that no cache holds; on other GPUs only their
/// ratios matter.
/// </summary>
internal static class TileCost
{
    /// <summary>A block's time for 1024 of k.</summary>
    public const double Few = 7.3, Plain = 6.2, Square = 6.0, Broad = 8.6, Tall = 10.6;

    /// <summary>That of eight subgroups with four fragments a step each, on a device with registers for few; a guess.</summary>
    public const double PlainOfFewRegisters = 9;

    /// <summary>That of a block of 128 × 128.</summary>
    private const double Large = 15;

    /// <summary>What larger blocks gain there by reading weights less often; a guess.</summary>
    private const double LessOften = 1.2;

    /// <summary>
    /// What leaving a part and asking for the others takes, and bytes that are then read a microsecond: guesses, since parts were added
    /// up by a dispatch of their own, of 3 microseconds, when the others were measured.
    /// </summary>
    private const double Joining = 2, BytesPerMicrosecond = 1e6;

    /// <summary>Slabs that make a part worth its start and end.</summary>
    private const int LeastSlabs = 2;

    /// <summary>Numbers of parts of k that come into question.</summary>
    public static ImmutableArray<int> Parts { get; } = [1, 2, 3, 4, 6, 8];

    /// <summary>The time of a block of a large tile, which goes by what it makes.</summary>
    public static double LargeOf(GemmTile tile) => Large * tile.RowFragments * tile.SubgroupsM * tile.ColumnFragments * tile.SubgroupsN / (8 * 8);

    /// <summary>The same by multiply-adds, which are at most an eighth as fast as matrix units; by data sheets.</summary>
    public static double OfMultiplyAdds(GemmTile tile) => 8 * LargeOf(tile);

    /// <summary>
    /// That of a large tile's block where registers are few. There subgroups load fragments more often than they can multiply, so a block's time goes by the
    /// fragments of a step; by estimate.
    /// </summary>
    public static double LargeOfFewRegisters(GemmTile tile) =>
        PlainOfFewRegisters / LessOften * tile.SubgroupsM * tile.SubgroupsN * (tile.RowFragments + tile.ColumnFragments) / (8 * 4);

    public static TilePlan Cheapest(
        GemmUnit unit, IEnumerable<(GemmTile Tile, double Cost)> candidates, long rows, int columns, int inner, int products, bool mayPart)
    {
        var plans =
            from candidate in candidates
            from parts in Parts
            let blocks = candidate.Tile.Blocks(unit, rows, columns) * products
            where parts == 1 || (mayPart && blocks <= JoinedParts.MaxBlocks && inner / candidate.Tile.Inner(unit) >= LeastSlabs * parts)
            let waves = RoundUp.Divide(blocks * parts, unit.Processors)
            let joining = parts == 1 ? 0 : Joining + (double)rows * products * columns * parts * sizeof(float) / BytesPerMicrosecond
            select (Plan: new TilePlan(candidate.Tile, parts), Time: waves * candidate.Cost * inner / parts / 1024 + joining);
        (TilePlan plan, double time) = plans.MinBy(p => p.Time);
        return plan with { Time = time };
    }
}
