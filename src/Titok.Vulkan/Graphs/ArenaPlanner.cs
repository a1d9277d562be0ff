using System.Collections.Immutable;

namespace Titok.Vulkan.Graphs;

/// <summary>
/// Gives every intermediate an offset in one arena so that values alive at the same time never overlap: the largest
/// value first, each at the lowest offset that is free during its life.
/// </summary>
internal static class ArenaPlanner
{
    /// <summary>What every Vulkan device accepts as an offset of a storage buffer.</summary>
    public const long Alignment = 256;

    public static (ImmutableDictionary<int, long> Offsets, long SizeInBytes) Place(
        IReadOnlyList<KernelCall> calls, IReadOnlyCollection<Value> keptToTheEnd, Value? alwaysThere = null)
    {
        var lives = new Dictionary<int, (Value Value, int First, int Last)>();
        for (int index = 0; index < calls.Count; index++)
        {
            foreach (Binding binding in calls[index].Bindings)
            {
                Value value = binding.Tensor.Value;
                if (value.Kind == ValueKind.Counters)
                    lives[value.Id] = (value, 0, int.MaxValue);
                else if (value.Kind == ValueKind.Intermediate)
                    lives[value.Id] = lives.TryGetValue(value.Id, out var life) ? (value, life.First, index) : (value, index, index);
            }
        }
        if (alwaysThere is not null)
            lives[alwaysThere.Id] = (alwaysThere, 0, int.MaxValue);
        foreach (Value value in keptToTheEnd)
        {
            if (lives.TryGetValue(value.Id, out var life))
                lives[value.Id] = life with { Last = int.MaxValue };
        }

        var placed = new List<(long Start, long End, int First, int Last)>();
        var offsets = ImmutableDictionary.CreateBuilder<int, long>();
        long arenaSizeInBytes = 0;
        foreach (var (value, first, last) in lives.Values.OrderByDescending(l => l.Value.SizeInBytes).ThenBy(l => l.Value.Id))
        {
            long offset = 0;
            foreach (var other in placed.Where(p => p.First <= last && first <= p.Last).OrderBy(p => p.Start))
            {
                if (other.Start >= offset + value.SizeInBytes)
                    break;
                offset = Math.Max(offset, Align(other.End));
            }
            offsets[value.Id] = offset;
            placed.Add((offset, offset + value.SizeInBytes, first, last));
            arenaSizeInBytes = Math.Max(arenaSizeInBytes, offset + value.SizeInBytes);
        }
        return (offsets.ToImmutable(), Align(arenaSizeInBytes));
    }

    public static long Align(long offsetInBytes) => RoundUp.ToMultiple(offsetInBytes, Alignment);
}
