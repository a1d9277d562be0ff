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
    public PlanInstance(GpuDevice device, ExecutionPlan plan, WeightStore weights, IReadOnlyDictionary<string, GpuBufferRange> externals)
    {
        _plan = plan;
        if (plan.ArenaSizeInBytes > 0)
            _arena = device.CreateBuffer(plan.ArenaSizeInBytes, GpuMemoryKind.Device, $"{plan.Name} arena");
        Recording = device.CreateRecording(plan.Name);
        try
        {
            Record(device, weights, externals);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public GpuRecording Recording { get; }

    /// <summary>Milliseconds that each part of the network (the first word of its labels) took in the latest finished run.</summary>
    public IEnumerable<(string Part, double Milliseconds)> PartTimes() => Recording.ReadTimestamps().Skip(1);

    /// <summary>Where a stage that the plan kept lies.</summary>
    public GpuBufferRange StageRange(string stage)
    {
        Value value = _plan.Stages[stage].Value;
        return new GpuBufferRange(_arena!, _plan.ArenaOffsets[value.Id], value.SizeInBytes);
    }

    public void Dispose()
    {
        Recording.Dispose();
        _arena?.Dispose();
    }

    private void Record(GpuDevice device, WeightStore weights, IReadOnlyDictionary<string, GpuBufferRange> externals)
    {
        Recording.Begin();
        Recording.BeginLabel(_plan.Name);
        string? part = null;
        foreach (Dispatch dispatch in _plan.Dispatches)
        {
            string dispatchPart = dispatch.Label.Split('.')[0];
            if (dispatchPart != part)
                Recording.Timestamp(part ?? "start");
            part = dispatchPart;
            if (dispatch.BarrierBefore)
                Recording.Barrier();
            Recording.Dispatch(device, dispatch.Call, value => Locate(value, weights, externals));
        }
        Recording.Timestamp(part ?? "start");
        Recording.HostBarrier();
        Recording.EndLabel();
        Recording.End();
    }

    private GpuBufferRange Locate(Value value, WeightStore weights, IReadOnlyDictionary<string, GpuBufferRange> externals) =>
        value.Kind switch
        {
            ValueKind.Weight => new GpuBufferRange(weights[value], 0, value.SizeInBytes),
            ValueKind.External => externals[value.Name],
            _ => new GpuBufferRange(_arena!, _plan.ArenaOffsets[value.Id], value.SizeInBytes),
        };
}
