using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Tests.Graphs;

/// <summary>Properties of memory and barrier planning on random lists of calls.</summary>
public class PlannerTests
{
    private const int Graphs = 300;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, Graphs / 50)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void ValuesAliveTogetherNeverOverlap(int block)
    {
        for (int seed = block * 50; seed < (block + 1) * 50; seed++)
        {
            (List<(string, KernelCall Call)> calls, List<Value> values) = RandomCalls(new Random(seed));
            Value[] kept = [.. values.Where(v => v.Kind == ValueKind.Intermediate && v.Id % 5 == 0)];
            var (offsets, sizeInBytes) = ArenaPlanner.Place([.. calls.Select(c => c.Call)], kept);
            Value[] placed = [.. values.Where(v => offsets.ContainsKey(v.Id))];
            foreach (Value value in placed)
            {
                Assert.Equal(0, offsets[value.Id] % ArenaPlanner.Alignment);
                Assert.True(offsets[value.Id] + value.SizeInBytes <= sizeInBytes, $"seed {seed}: value {value.Id} ends past the arena");
                foreach (Value other in placed.Where(o => o.Id < value.Id))
                {
                    bool together = First(calls, value) <= Last(calls, other, kept) && First(calls, other) <= Last(calls, value, kept);
                    bool overlap = offsets[value.Id] < offsets[other.Id] + other.SizeInBytes && offsets[other.Id] < offsets[value.Id] + value.SizeInBytes;
                    Assert.False(together && overlap, $"seed {seed}: values {value.Id} and {other.Id} share bytes while both are alive");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void EveryHazardHasABarrier(int block)
    {
        for (int seed = block * 50; seed < (block + 1) * 50; seed++)
        {
            (List<(string Label, KernelCall Call)> calls, _) = RandomCalls(new Random(seed));
            var (offsets, _) = ArenaPlanner.Place([.. calls.Select(c => c.Call)], []);
            Dispatch[] dispatches = [.. BarrierPlanner.Place(calls, offsets)];
            for (int later = 0; later < dispatches.Length; later++)
            {
                bool needed = false;
                for (int earlier = later - 1; earlier >= 0; earlier--)
                {
                    bool separated = dispatches[(earlier + 1)..(later + 1)].Any(d => d.BarrierBefore);
                    bool conflict = Conflict(dispatches[earlier].Call, dispatches[later].Call, offsets);
                    Assert.True(separated || !conflict, $"seed {seed}: calls {earlier} and {later} touch the same bytes with no barrier between");
                    needed |= conflict && !dispatches[(earlier + 1)..later].Any(d => d.BarrierBefore);
                }
                Assert.True(needed || !dispatches[later].BarrierBefore, $"seed {seed}: the barrier before call {later} separates nothing");
            }
        }
    }

    internal static bool Conflict(KernelCall one, KernelCall other, IReadOnlyDictionary<int, long> offsets) =>
        one.Bindings.Any(a => other.Bindings.Any(b => (a.Access != Access.Read || b.Access != Access.Read) && Overlap(a.Tensor, b.Tensor, offsets)));

    private static bool Overlap(Tensor a, Tensor b, IReadOnlyDictionary<int, long> offsets)
    {
        bool inArena = IsInArena(a.Value) && IsInArena(b.Value);
        if (!inArena && (a.Value != b.Value || a.Value.Kind == ValueKind.Weight))
            return false;
        long startA = a.OffsetInBytes + (inArena ? offsets[a.Value.Id] : 0), startB = b.OffsetInBytes + (inArena ? offsets[b.Value.Id] : 0);
        return startA < startB + b.SizeInBytes && startB < startA + a.SizeInBytes;
    }

    private static bool IsInArena(Value value) => value.Kind is ValueKind.Intermediate or ValueKind.Counters;

    /// <summary>Counters are alive from the first call to the last, whoever uses them.</summary>
    private static int First(List<(string, KernelCall Call)> calls, Value value) =>
        value.Kind == ValueKind.Counters ? 0 : calls.FindIndex(c => Uses(c.Call, value));

    private static int Last(List<(string, KernelCall Call)> calls, Value value, Value[] kept) =>
        kept.Contains(value) || value.Kind == ValueKind.Counters ? int.MaxValue : calls.FindLastIndex(c => Uses(c.Call, value));

    private static bool Uses(KernelCall call, Value value) => call.Bindings.Any(b => b.Tensor.Value == value);

    /// <summary>Calls that each read a few earlier values (or inputs, or weights) and write a new one.</summary>
    internal static (List<(string Label, KernelCall Call)> Calls, List<Value> Values) RandomCalls(Random random)
    {
        var values = new List<Value>();
        Value Add(ValueKind kind)
        {
            var value = new Value(values.Count, kind, $"v{values.Count}", DataType.Float32, random.Next(1, 2000));
            values.Add(value);
            return value;
        }

        Add(ValueKind.External);
        Add(ValueKind.External);
        Add(ValueKind.Weight);
        Value counters = new(1000, ValueKind.Counters, "counters", DataType.UInt32, random.Next(1, 2000));
        var calls = new List<(string, KernelCall)>();
        for (int i = random.Next(1, 30); i > 0; i--)
        {
            var bindings = new List<Binding>();
            for (int reads = random.Next(1, 4); reads > 0; reads--)
            {
                Value read = values[random.Next(Math.Max(0, values.Count - 8), values.Count)];
                bindings.Add(new Binding(Seen(read, random), Access.Read));
            }
            Value written = random.Next(6) == 0 ? values[random.Next(2)] : Add(ValueKind.Intermediate);
            bindings.Add(new Binding(Seen(written, random), random.Next(4) == 0 && written.Kind == ValueKind.External ? Access.ReadWrite : Access.Write));
            if (random.Next(4) == 0)
                bindings.Add(new Binding(Seen(counters, random), Access.ReadWrite));
            calls.Add(($"call {calls.Count}", new KernelCall("program", [], [.. bindings], [], new GroupCount(1, 1, 1))));
        }
        return (calls, [.. values, counters]);
    }

    /// <summary>All of a value or, where it is long enough, sometimes a slice.</summary>
    private static Tensor Seen(Value value, Random random)
    {
        const int Step = (int)ArenaPlanner.Alignment / sizeof(float);
        int count = (int)(value.SizeInBytes / sizeof(float));
        var whole = new Tensor(value, new Shape(count));
        if (value.Kind == ValueKind.Weight || count <= Step || random.Next(2) == 0)
            return whole;
        int first = random.Next(count / Step) * Step;
        return whole.Slice(first, random.Next(1, count - first + 1));
    }
}
