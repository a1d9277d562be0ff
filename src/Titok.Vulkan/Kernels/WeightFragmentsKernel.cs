using System.Collections.Immutable;
using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>
/// Rearranges fp16 panels into fragments as a device's subgroups hold them (<see cref="GemmUnit.WeightFragments"/>), also
/// in place: every block of K × 16 becomes those of its 16 columns.
/// </summary>
internal static class WeightFragmentsKernel
{
    internal struct Push
    {
        public uint Blocks;
    }

    public const string Program = "weight_fragments";

    /// <summary>Specialization constants of a unit.</summary>
    public static ImmutableArray<uint> Constants(GemmUnit unit) => [(uint)unit.SubgroupSize, (uint)unit.N, (uint)unit.K, unit.WarpgroupOrder ? 1u : 0u];

    /// <param name="unit">Whose fragments.</param>
    /// <param name="count">Elements in the panels, of which a panel's k is a multiple of the unit's.</param>
    public static (ImmutableArray<byte> PushConstants, GroupCount Groups) Launch(GemmUnit unit, long count)
    {
        long blocks = count / (unit.K * WeightRequest.PanelWidth);
        return (PushConstants.Of(new Push { Blocks = checked((uint)blocks) }), GroupCount.Line(blocks));
    }

    /// <summary>As a call of its own, for weights that no checkpoint has.</summary>
    /// <param name="unit">Whose fragments.</param>
    /// <param name="panels">[N, K] in panels.</param>
    /// <param name="fragments">As large.</param>
    public static KernelCall Create(GemmUnit unit, Tensor panels, Tensor fragments)
    {
        var (push, groups) = Launch(unit, panels.Shape.Count);
        return new KernelCall(Program, Constants(unit), [new(panels, Access.Read), new(fragments, Access.Write)], push, groups);
    }
}
