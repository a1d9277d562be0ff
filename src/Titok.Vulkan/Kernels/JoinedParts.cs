using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>What the workgroups of a product whose k is split among them need to join their sums (join_parts).</summary>
/// <param name="Parts">fp32: the sums of each part of each block.</param>
/// <param name="Counters">uint, one a block: how many parts are there. Zeros, before and after.</param>
internal readonly record struct JoinedParts(Tensor Parts, Tensor Counters)
{
    /// <summary>Most blocks that a product in parts may have.</summary>
    public const int MaxBlocks = 1024;

    /// <summary>
    /// The two bindings of a kernel that can split k: what it does not use of them is bound to something that it writes anyway.
    /// </summary>
    /// <param name="joined">What is bound; null where k is not split.</param>
    /// <param name="y">What the kernel writes.</param>
    public static IEnumerable<Binding> Bindings(JoinedParts? joined, Tensor y) => joined is var (parts, counters)
        ? [new Binding(parts, Access.ReadWrite), new Binding(counters, Access.ReadWrite)]
        : [new Binding(y, Access.ReadWrite), new Binding(y, Access.ReadWrite)];
}
