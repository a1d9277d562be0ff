using System.Collections.Immutable;

namespace Titok.Vulkan.Graphs;

/// <summary>
/// Decides before which calls a memory barrier stands: where a call touches bytes that another has written since the
/// last barrier, or writes bytes that another has read. Works on placed memory, so that values which share bytes of
/// the arena are kept apart too.
/// </summary>
internal static class BarrierPlanner
{
    public static ImmutableArray<Dispatch> Place(
        IReadOnlyList<(string Label, KernelCall Call)> calls, IReadOnlyDictionary<int, long> arenaOffsets)
    {
        var reads = new List<Span>();
        var writes = new List<Span>();
        var dispatches = ImmutableArray.CreateBuilder<Dispatch>(calls.Count);
        foreach ((string label, KernelCall call) in calls)
        {
            bool barrier = false;
            foreach (Binding binding in call.Bindings)
            {
                if (binding.Tensor.Value.Kind == ValueKind.Weight)
                    continue;
                Span span = Locate(binding.Tensor, arenaOffsets);
                barrier |= writes.Exists(span.Overlaps);
                barrier |= binding.Access != Access.Read && reads.Exists(span.Overlaps);
            }
            if (barrier)
            {
                reads.Clear();
                writes.Clear();
            }
            foreach (Binding binding in call.Bindings)
            {
                if (binding.Tensor.Value.Kind == ValueKind.Weight)
                    continue;
                (binding.Access == Access.Read ? reads : writes).Add(Locate(binding.Tensor, arenaOffsets));
            }
            dispatches.Add(new Dispatch(label, call, barrier));
        }
        return dispatches.MoveToImmutable();
    }

    private static Span Locate(Tensor tensor, IReadOnlyDictionary<int, long> arenaOffsets) =>
        tensor.Value.Kind == ValueKind.External
            ? new Span(tensor.Value.Id, tensor.OffsetInBytes, tensor.SizeInBytes)
            : new Span(Arena, arenaOffsets[tensor.Value.Id] + tensor.OffsetInBytes, tensor.SizeInBytes);

    private const int Arena = -1;

    private readonly record struct Span(int Buffer, long Start, long Size)
    {
        public bool Overlaps(Span other) => Buffer == other.Buffer && Start < other.Start + other.Size && other.Start < Start + Size;
    }
}
