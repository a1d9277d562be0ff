using System.Collections.Immutable;

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
/// 2, or 4 where there are registers for them, or 1 where there are not even for 2.
/// </param>
internal sealed record GemmTile(int RowFragments, int ColumnFragments, int SlabFragments, int SubgroupsM, int SubgroupsN, int SubgroupsK, int WeightSteps)
{
    /// <summary>Fragments of sums that invocations have registers for where they multiply and add by themselves.</summary>
    private const int MaxFragmentsOfSums = 10;

    /// <summary>Shared memory that tells a workgroup how many parts of its block there are (join_parts).</summary>
    private const int CounterInBytes = 4;

    private int Subgroups => SubgroupsM * SubgroupsN * SubgroupsK;

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
