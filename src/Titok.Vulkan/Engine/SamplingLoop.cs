using System.Runtime.InteropServices;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Models;

namespace Titok.Vulkan.Engine;

/// <summary>
/// The memory and the plans of the sampling loop for one batch size; one request at a time uses it. Ids, logits, noise
/// and masks stay on the device; a step is a recording that never changes, because everything that differs between steps
/// lies in buffers.
/// </summary>
internal sealed class SamplingLoop : IDisposable
{
    private readonly GeneratorEngine _engine;
    private readonly int _batch;
    private readonly int _stepCapacity;
    private readonly SamplingLayout _layout;
    private readonly List<GpuBuffer> _buffers = [];
    private readonly Dictionary<string, GpuBufferRange> _ranges = [];
    private readonly GpuBuffer _parameters, _history;
    private readonly Dictionary<bool, PlanInstance> _steps = [];

    public SamplingLoop(GeneratorEngine engine, int batch, int stepCapacity)
    {
        (_engine, _batch, _stepCapacity) = (engine, batch, stepCapacity);
        _layout = new SamplingLayout(batch, engine.Spec.LatentTokens, stepCapacity);
        long idsSizeInBytes = _layout[GeneratorPlans.Ids].Size;
        try
        {
            _parameters = Add("parameters", _layout.SizeInBytes, GpuMemoryKind.Device);
            foreach (string name in _layout.Names)
                _ranges.Add(name, new GpuBufferRange(_parameters, _layout[name].Offset, _layout[name].Size));
            _ranges.Add(GeneratorPlans.Candidates, new GpuBufferRange(Add(GeneratorPlans.Candidates, idsSizeInBytes, GpuMemoryKind.Device), 0, idsSizeInBytes));
            _history = Add(GeneratorPlans.History, stepCapacity * idsSizeInBytes, GpuMemoryKind.Readback);
            _ranges.Add(GeneratorPlans.History, new GpuBufferRange(_history, 0, stepCapacity * idsSizeInBytes));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Most steps a request.</summary>
    public int StepCapacity => _stepCapacity;

    public int Batch => _batch;

    /// <summary>Ids [B, K] on the device.</summary>
    public GpuBufferRange Ids => _ranges[GeneratorPlans.Ids];

    /// <summary>Ids [B, K] on the device, with a guess where the mask still is.</summary>
    public GpuBufferRange Candidates => _ranges[GeneratorPlans.Candidates];

    /// <summary>The plan of a step, with guidance or without; made on first use.</summary>
    public PlanInstance Step(bool guided)
    {
        if (_steps.TryGetValue(guided, out PlanInstance? instance))
            return instance;
        ExecutionPlan plan = _engine.Plans.Step(_batch, _stepCapacity, guided);
        instance = new PlanInstance(
            _engine.Device,
            plan,
            _engine.Weights,
            plan.Externals.ToDictionary(e => e.Name, e => _ranges[e.Name]),
            _engine.Costs((_batch, guided), plan));
        _steps.Add(guided, instance);
        return instance;
    }

    public SamplingInput CreateInput() => new(_layout, _batch, _engine.Spec.LatentTokens, _engine.Spec.MaskId);

    /// <summary>
    /// Writes a request into the loop's buffer, all at once. What it says travels in the command buffer, so that it takes
    /// effect in the queue's order whoever submits.
    /// </summary>
    public void WriteStart(GpuCommands commands, SamplingInput input) => commands.Update(_parameters, input.Bytes);

    /// <summary>Ids [B, K] after a step that the device has done.</summary>
    public ReadOnlySpan<int> History(int step)
    {
        int length = _batch * _engine.Spec.LatentTokens;
        return MemoryMarshal.Cast<byte, int>(_history.Mapped).Slice(step * length, length);
    }

    public void Dispose()
    {
        foreach (PlanInstance step in _steps.Values)
            step.Dispose();
        _steps.Clear();
        foreach (GpuBuffer buffer in _buffers)
            buffer.Dispose();
        _buffers.Clear();
    }

    private GpuBuffer Add(string name, long sizeInBytes, GpuMemoryKind kind)
    {
        GpuBuffer buffer = _engine.Device.CreateBuffer(ArenaPlanner.Align(sizeInBytes), kind, name);
        _buffers.Add(buffer);
        return buffer;
    }
}
