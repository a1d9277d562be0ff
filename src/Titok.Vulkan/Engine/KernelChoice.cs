using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Engine;

/// <summary>What was found out about a device: the form of its kernels, and what its matrix units, or what takes their place, do right and how.</summary>
/// <param name="Form">Family of kernels.</param>
internal sealed record KernelChoice(KernelForm Form)
{
    public KernelChoice(GemmUnit unit)
        : this(unit.Form) => Unit = unit;

    /// <summary>The unit of a form that has one, with all that it is to be used for; null for the other forms.</summary>
    public GemmUnit? Unit { get; init; }

    /// <summary>Whether all of it was found out, and is worth remembering.</summary>
    public bool IsComplete { get; init; } = true;

    /// <summary>The kernels for a storage type: units are for fp16.</summary>
    public KernelProfile ProfileFor(DataType activation) =>
        Unit is { } unit && activation == DataType.Float16 ? KernelProfile.Of(unit) : new KernelProfile(Form, activation);
}
