using System.Collections.Immutable;
using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>
/// Launches that follow each other without a barrier (shaders/warpgroup/chain.cuh): the blocks of a launch count themselves when they are
/// done, and those of the next wait for the count. Behind a barrier a launch begins when the one before has ended; in a chain its blocks are
/// there by then, with their first weights.
/// </summary>
internal static class LaunchChain
{
    /// <summary>Words from a launch's counter to the next one's, which a block asks for again and again: none is in another's cache line.</summary>
    private const int CounterStride = 32;

    /// <summary>
    /// What a kernel is bound to that can be in a chain, after all else: the counter of the launch before, and its own. Until then something that
    /// it writes anyway.
    /// </summary>
    public static ImmutableArray<Binding> NoCounters(Tensor y) => [new(y, Access.Write), new(y, Access.Write)];

    /// <summary>Its last constants: how many blocks it waits for, and whether it counts its own.</summary>
    public static ImmutableArray<uint> NoWait { get; } = [0, 0];

    /// <summary>As many zeros as the launches of so many calls need; they count from there.</summary>
    public static int CounterWords(int calls) => calls * CounterStride;

    /// <summary>
    /// Replaces barriers between two launches that can be in a chain: where the former is alone behind a barrier or waits itself, so that who
    /// waits for it waits for all before, and the latter is alone, so that nobody else relies on the barrier.
    /// </summary>
    /// <param name="dispatches">In order, with barriers wherever they are needed.</param>
    /// <param name="counters">As many words as <see cref="CounterWords"/> says.</param>
    public static ImmutableArray<Dispatch> Link(ImmutableArray<Dispatch> dispatches, Tensor counters)
    {
        Dispatch[] linked = [.. dispatches];
        for (int index = 1; index < linked.Length; index++)
        {
            Dispatch before = linked[index - 1], dispatch = linked[index];
            bool areAlone = (index == 1 || dispatches[index - 1].BarrierBefore) && dispatch.BarrierBefore
                && (index + 1 == linked.Length || dispatches[index + 1].BarrierBefore);
            if (!areAlone || before.Call.CountedBlocks is not { } blocks || dispatch.Call.CountedBlocks is null)
                continue;
            Tensor counter = counters with { Shape = new Shape(1), OffsetInBytes = (index - 1L) * CounterStride * sizeof(uint) };
            linked[index - 1] = before with { Call = Counted(before.Call, counter) };
            linked[index] = dispatch with { Call = Awaiting(dispatch.Call, counter, blocks), BarrierBefore = false };
        }
        return [.. linked];
    }

    private static KernelCall Counted(KernelCall call, Tensor counter) => call with
    {
        Bindings = call.Bindings.SetItem(call.Bindings.Length - 1, new Binding(counter, Access.ReadWrite)),
        Specialization = call.Specialization.SetItem(call.Specialization.Length - 1, 1),
    };

    private static KernelCall Awaiting(KernelCall call, Tensor counter, int blocks) => call with
    {
        Bindings = call.Bindings.SetItem(call.Bindings.Length - 2, new Binding(counter, Access.Read)),
        Specialization = call.Specialization.SetItem(call.Specialization.Length - 2, (uint)blocks),
        IsChained = true,
    };
}
