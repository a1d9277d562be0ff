using System.Collections.Immutable;

namespace Titok.Vulkan.Graphs;

internal enum Access
{
    Read,
    Write,
    ReadWrite,
}

/// <summary>One storage buffer of a dispatch, in binding order, and what the kernel does with it.</summary>
internal readonly record struct Binding(Tensor Tensor, Access Access);

internal readonly record struct GroupCount(uint X, uint Y, uint Z)
{
    /// <summary>What every Vulkan device allows along one axis of a dispatch.</summary>
    public const uint AxisLimit = 65535;

    /// <summary>
    /// A line of groups folded over y where it is longer than an axis allows. Kernels that are launched so take
    /// <c>x + y · gl_NumWorkGroups.x</c> and check the bound themselves.
    /// </summary>
    public static GroupCount Line(long groups)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(groups);
        if (groups <= AxisLimit)
            return new GroupCount((uint)groups, 1, 1);
        long rows = RoundUp.Divide(groups, AxisLimit);
        return new GroupCount((uint)RoundUp.Divide(groups, rows), (uint)rows, 1);
    }

    /// <summary>Enough groups of <paramref name="size"/> for <paramref name="count"/> elements.</summary>
    public static GroupCount Cover(long count, int size) => Line(RoundUp.Divide(count, size));
}

/// <summary>What a program in PTX is told when it is launched, and a SPIR-V shader declares itself.</summary>
/// <param name="Threads">Threads of a group, along x.</param>
/// <param name="SharedMemoryInBytes">What a group has of shared memory besides what the program declares.</param>
internal readonly record struct ThreadBlock(int Threads, int SharedMemoryInBytes);

/// <summary>A kernel with everything it needs to run, but for the memory that its tensors will lie in.</summary>
/// <param name="Program">
/// Name of the compiled shader, without <c>.spv</c>; where there is a <see cref="ThreadBlock"/>, of the module in PTX, without <c>.ptx</c>, with
/// a dot and the name of a function in it.
/// </param>
/// <param name="Specialization">Specialization constants 0, 1, …</param>
/// <param name="Bindings">Storage buffers of set 0 in binding order.</param>
/// <param name="PushConstants">The kernel's push-constant struct, as bytes.</param>
/// <param name="Groups">Workgroups to launch.</param>
internal sealed record KernelCall(
    string Program,
    ImmutableArray<uint> Specialization,
    ImmutableArray<Binding> Bindings,
    ImmutableArray<byte> PushConstants,
    GroupCount Groups)
{
    /// <summary>
    /// Bindings that the kernel reads or writes by address: their 8-byte addresses stand, in this order, in front of the push
    /// constants.
    /// </summary>
    public ImmutableArray<int> Addressed { get; init; } = [];

    /// <summary>
    /// Set for programs in PTX. Such a program reads all its bindings by address, and takes one struct by value: the addresses of the
    /// bindings in order (8 bytes each), the push constants, and the specialization constants (4 bytes each), for which nothing is
    /// compiled.
    /// </summary>
    public ThreadBlock? ThreadBlock { get; init; }

    /// <summary>
    /// Blocks that count themselves when they are done, of a program in PTX that can follow another, and be followed, without a barrier
    /// (<see cref="Kernels.LaunchChain"/>); null where it can't.
    /// </summary>
    public int? CountedBlocks { get; init; }

    /// <summary>Whether it waits for the call before it by itself, so that no barrier need stand between them.</summary>
    public bool IsChained { get; init; }

    /// <summary>Multiplications and additions of a matrix product, a convolution or attention; 0 for all else, which takes its time with bytes.</summary>
    public double Operations { get; init; }

    /// <summary>Bytes of all its tensors, each read or written once.</summary>
    public double Bytes => Bindings.Select(b => b.Tensor).DistinctBy(t => (t.Value, t.OffsetInBytes)).Sum(t => (double)t.SizeInBytes);
}
