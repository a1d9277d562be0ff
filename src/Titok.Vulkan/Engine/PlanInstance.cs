using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Engine;

/// <summary>A plan bound to memory and recorded: submitted again and again, it reads and writes the same buffers.</summary>
internal sealed class PlanInstance : IDisposable
{
    private readonly GpuBuffer? _arena;
    private readonly ExecutionPlan _plan;

    /// <param name="device">Device to run on.</param>
    /// <param name="plan">What to run.</param>
    /// <param name="weights">Holds every weight of the plan, loaded.</param>
    /// <param name="externals">A buffer for each external of the plan, by name. They stay the caller's.</param>
    /// <param name="costs">What its dispatches are expected to take; null where nobody will cut it.</param>
    public PlanInstance(
        GpuDevice device, ExecutionPlan plan, WeightStore? weights, IReadOnlyDictionary<string, GpuBufferRange> externals,
        PlanCosts? costs = null)
    {
        _plan = plan;
        Costs = costs ?? new PlanCosts(new DispatchRate(device.Physical.Type), plan);
        try
        {
            if (plan.ArenaSizeInBytes > 0)
                _arena = device.CreateBuffer(plan.ArenaSizeInBytes, GpuMemoryKind.Device, $"{plan.Name} arena");
            KernelCallRecording.BuildPrograms(device, plan.Dispatches.Select(d => d.Call));
            Dispatches = device.CreateDispatchList(plan.Name, [.. plan.Counters.Select(counters => Locate(counters, weights, externals))]);
            Recording = device.CreateRecording(plan.Name);
            foreach (Dispatch dispatch in plan.Dispatches)
                Dispatches.Add(device, dispatch, value => Locate(value, weights, externals));
            Record();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>All of it, to be submitted as it is.</summary>
    public GpuRecording Recording { get; }

    /// <summary>Its dispatches one by one, to be cut into slices.</summary>
    public GpuDispatchList Dispatches { get; }

    public PlanCosts Costs { get; }

    public ExecutionPlan Plan => _plan;

    /// <summary>Milliseconds that each part of the network took in the latest finished run of the whole recording.</summary>
    public IEnumerable<(string Part, double Milliseconds)> PartTimes() => Recording.ReadTimestamps().Skip(1);

    /// <summary>The part of the network that a dispatch belongs to: the first word of its label.</summary>
    public string PartOf(int dispatch) => _plan.Dispatches[dispatch].Label.Split('.')[0];

    /// <summary>Where a stage that the plan kept lies.</summary>
    public GpuBufferRange StageRange(string stage)
    {
        Value value = _plan.Stages[stage].Value;
        return new GpuBufferRange(_arena!, _plan.ArenaOffsets[value.Id], value.SizeInBytes);
    }

    public void Dispose()
    {
        // Where the constructor failed, some are not there.
        Recording?.Dispose();
        Dispatches?.Dispose();
        _arena?.Dispose();
    }

    private void Record()
    {
        Recording.Begin();
        Recording.BeginLabel(_plan.Name);
        for (int first = 0; first < _plan.Dispatches.Length;)
        {
            string part = PartOf(first);
            int end = first + 1;
            while (end < _plan.Dispatches.Length && PartOf(end) == part)
                end++;
            if (first == 0)
                Recording.Timestamp("start");
            Recording.Emit(Dispatches, first, end - first);
            Recording.Timestamp(part);
            first = end;
        }
        Recording.ReadbackBarrier();
        Recording.EndLabel();
        Recording.End();
    }

    private GpuBufferRange Locate(Value value, WeightStore? weights, IReadOnlyDictionary<string, GpuBufferRange> externals) =>
        value.Kind switch
        {
            ValueKind.Weight => new GpuBufferRange(weights![value], 0, value.SizeInBytes),
            ValueKind.External => externals[value.Name],
            _ => new GpuBufferRange(_arena!, _plan.ArenaOffsets[value.Id], value.SizeInBytes),
        };
}
