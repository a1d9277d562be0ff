using System.Collections.Immutable;
using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>The block of a product that a workgroup of a matrix kernel makes, counted in fragments (see matrix_tile).</summary>
/// <param name="RowFragments">Fragments of rows a subgroup.</param>
/// <param name="ColumnFragments">Fragments of columns a subgroup.</param>
/// <param name="SlabFragments">Fragments along k that are in shared memory at a time.</param>
/// <param name="WarpsM">Subgroups along the rows.</param>
/// <param name="WarpsN">Subgroups along the columns.</param>
/// <param name="WarpsK">Subgroups that share the k of a slab.</param>
internal sealed record MatrixTile(int RowFragments, int ColumnFragments, int SlabFragments, int WarpsM, int WarpsN, int WarpsK)
{
    /// <summary>Blocks that keep a large GPU busy.</summary>
    private const long EnoughBlocks = 128;

    /// <summary>Most fragments of rows that one subgroup makes alone.</summary>
    private const int FewRowFragments = 5;

    // Sizes are those with fragments of 16 × 16 × 16. A block is a multiple of a panel wide also with fragments of 8 × 8 × 8.
    private static readonly MatrixTile Large = new(4, 4, 2, 2, 2, 1);  // 128 × 128 × 32
    private static readonly MatrixTile Split = new(4, 2, 2, 2, 4, 1);  // 128 × 128 × 32, by twice the subgroups
    private static readonly MatrixTile Huge = new(4, 4, 2, 4, 2, 1);   // 256 × 128 × 32
    private static readonly MatrixTile Medium = new(2, 2, 4, 2, 2, 1); // 64 × 64 × 64
    private static readonly MatrixTile Small = new(2, 1, 4, 2, 2, 1);  // 64 × 32 × 64

    /// <summary>What large products may be made by: which is fastest has to be measured.</summary>
    public static ImmutableArray<MatrixTile> LargeTiles { get; } = [Large, Split, Huge];

    private int Subgroups => WarpsM * WarpsN * WarpsK;

    /// <summary>All the others.</summary>
    public static IEnumerable<MatrixTile> SmallTiles(MatrixUnit unit) =>
        [Medium, Small, Narrow(unit), .. Enumerable.Range(1, FewRowFragments).Select(Few)];

    public static MatrixTile For(MatrixUnit unit, long rows, int columns, int products = 1)
    {
        if (rows <= FewRowFragments * unit.M)
            return Few((int)((rows + unit.M - 1) / unit.M));
        if (columns <= WeightRequest.PanelWidth)
            return Narrow(unit);
        MatrixTile large = unit.LargeTile ?? Large;
        return large.Blocks(unit, rows, columns) * products >= EnoughBlocks ? large
            : Medium.Blocks(unit, rows, columns) * products >= EnoughBlocks ? Medium
            : Small;
    }

    public int Rows(MatrixUnit unit) => unit.M * RowFragments * WarpsM;

    public int Columns(MatrixUnit unit) => unit.N * ColumnFragments * WarpsN;

    /// <summary>Specialization constants 3 to 13 of a matrix kernel.</summary>
    public ImmutableArray<uint> Constants(MatrixUnit unit) =>
    [
        (uint)(Subgroups * unit.SubgroupSize), (uint)unit.M, (uint)unit.N, (uint)unit.K, (uint)RowFragments, (uint)ColumnFragments,
        (uint)SlabFragments, (uint)WarpsM, (uint)WarpsN, (uint)WarpsK, (uint)Stages(unit),
    ];

    private static MatrixTile Few(int rowFragments) => new(rowFragments, 2, 8, 1, 1, 4); // up to 80 × 32 × 128, k split in four

    private static MatrixTile Narrow(MatrixUnit unit) => new(2, WeightRequest.PanelWidth / unit.N, 2, 4, 1, 1); // 128 × 16 × 32

    /// <summary>What the kernel declares: its slabs, or the strips of sums that take their place at the end.</summary>
    public int SharedMemoryInBytes(MatrixUnit unit)
    {
        int strips = Subgroups * unit.M * 4 * (unit.N * ColumnFragments + 4);
        return Math.Max(Stages(unit) * SlabInBytes(unit), strips) + StatisticsInBytes(unit);
    }

    /// <summary>Two slabs, one multiplied while the next is stored, where a workgroup has the memory for them.</summary>
    private int Stages(MatrixUnit unit) => 2 * SlabInBytes(unit) + StatisticsInBytes(unit) <= unit.SharedMemoryInBytes ? 2 : 1;

    /// <summary>Of the rows, for the layer norm of the input.</summary>
    private int StatisticsInBytes(MatrixUnit unit) => 2 * sizeof(float) * Rows(unit);

    private int SlabInBytes(MatrixUnit unit)
    {
        int inner = unit.K * SlabFragments;
        return 2 * (Rows(unit) * (inner + 8) + inner * (Columns(unit) + 8));
    }

    private long Blocks(MatrixUnit unit, long rows, int columns) =>
        ((rows + Rows(unit) - 1) / Rows(unit)) * ((columns + Columns(unit) - 1) / Columns(unit));
}
