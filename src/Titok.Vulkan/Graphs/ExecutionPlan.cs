using System.Collections.Immutable;
using System.Text;

namespace Titok.Vulkan.Graphs;

/// <summary>A kernel call placed in a plan.</summary>
/// <param name="Label">What the call computes, by the checkpoint's names.</param>
/// <param name="Call">The kernel and its tensors.</param>
/// <param name="BarrierBefore">
/// Whether an earlier call since the last barrier touches the same bytes in a way that matters, and this one does not wait by itself
/// (<see cref="KernelCall.IsChained"/>).
/// </param>
internal sealed record Dispatch(string Label, KernelCall Call, bool BarrierBefore);

/// <summary>An immutable list of dispatches with the memory that they need. It holds no Vulkan object.</summary>
/// <param name="Name">For logs and debug labels.</param>
/// <param name="Dispatches">In order.</param>
/// <param name="ArenaSizeInBytes">Size of the one buffer that all intermediates share.</param>
/// <param name="ArenaOffsets">Offset in bytes of each intermediate, by value id.</param>
/// <param name="Weights">Every weight that the plan reads.</param>
/// <param name="Externals">Every buffer that the caller provides.</param>
/// <param name="Stages">Tensors kept to the end because somebody asked to look at them.</param>
internal sealed record ExecutionPlan(
    string Name,
    ImmutableArray<Dispatch> Dispatches,
    long ArenaSizeInBytes,
    ImmutableDictionary<int, long> ArenaOffsets,
    ImmutableArray<Value> Weights,
    ImmutableArray<Value> Externals,
    ImmutableDictionary<string, Tensor> Stages)
{
    /// <summary>The counters of its dispatches, which have to be zeros before the first.</summary>
    public IEnumerable<Value> Counters =>
        Dispatches.SelectMany(d => d.Call.Bindings).Select(b => b.Tensor.Value).Where(v => v.Kind == ValueKind.Counters).Distinct();

    /// <summary>The plan as text, a dispatch a line.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine($"{Name}: {Dispatches.Length} dispatches, arena {ArenaSizeInBytes} bytes");
        foreach (Dispatch dispatch in Dispatches)
        {
            if (dispatch.BarrierBefore)
                text.AppendLine("  ----");
            KernelCall call = dispatch.Call;
            if (call.IsChained)
                text.AppendLine("  ~~~~");
            text.AppendLine(
                $"  {dispatch.Label}: {call.Program}<{string.Join(",", call.Specialization)}>" +
                $"({string.Join(", ", call.Bindings.Select(b => b.Tensor))}) × {call.Groups.X}×{call.Groups.Y}×{call.Groups.Z}");
        }
        return text.ToString();
    }
}
