using System.Runtime.InteropServices;
using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Models;

namespace Titok.Vulkan.Engine;

/// <summary>
/// The memory and the plans of the decoding loop for one batch size; one request at a time uses it. Ids, logits, noise
/// and masks stay on the device; a step is a recording that never changes, because everything that differs between steps
/// lies in buffers.
/// </summary>
internal sealed class DecodingLoop : IDisposable
{
    private readonly GeneratorEngine _engine;
    private readonly int _batch;
    private readonly int _stepCapacity;
    private readonly Dictionary<string, GpuBuffer> _buffers = [];
    private readonly Dictionary<bool, PlanInstance> _steps = [];

    public DecodingLoop(GeneratorEngine engine, int batch, int stepCapacity)
    {
        (_engine, _batch, _stepCapacity) = (engine, batch, stepCapacity);
        int ids = batch * engine.Spec.LatentTokens;
        try
        {
            Add(GeneratorPlans.Ids, ids * sizeof(uint), GpuMemoryKind.Device);
            Add(GeneratorPlans.Candidates, ids * sizeof(uint), GpuMemoryKind.Device);
            Add(GeneratorPlans.Classes, batch * sizeof(uint), GpuMemoryKind.Device);
            Add(GeneratorPlans.State, 4 * sizeof(uint), GpuMemoryKind.Device);
            Add(GeneratorPlans.Settings, stepCapacity * StepSettings.SizeInBytes, GpuMemoryKind.Device);
            Add(GeneratorPlans.Seeds, batch * 2 * sizeof(uint), GpuMemoryKind.Device);
            Add(GeneratorPlans.History, (long)stepCapacity * ids * sizeof(uint), GpuMemoryKind.Readback);
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
    public GpuBufferRange Ids => Range(GeneratorPlans.Ids);

    /// <summary>Ids [B, K] on the device, with a guess where the mask still is.</summary>
    public GpuBufferRange Candidates => Range(GeneratorPlans.Candidates);

    /// <summary>The plan of a step, with guidance or without; made on first use.</summary>
    public PlanInstance Step(bool guided)
    {
        if (_steps.TryGetValue(guided, out PlanInstance? instance))
            return instance;
        ExecutionPlan plan = _engine.Plans.Step(_batch, _stepCapacity, guided);
        _engine.Weights.Load(plan.Weights);
        instance = new PlanInstance(
            _engine.Device,
            plan,
            _engine.Weights,
            plan.Externals.ToDictionary(e => e.Name, e => new GpuBufferRange(_buffers[e.Name], 0, e.SizeInBytes)),
            _engine.Costs((_batch, guided), plan));
        _steps.Add(guided, instance);
        return instance;
    }

    /// <summary>
    /// Writes a request into the buffers. What it says travels in the command buffer, so that it takes effect in the
    /// queue's order whoever submits.
    /// </summary>
    public void WriteStart(GpuCommands commands, DecodingInput input)
    {
        commands.Update(_buffers[GeneratorPlans.Classes], MemoryMarshal.AsBytes<uint>(input.Classes));
        commands.Update(_buffers[GeneratorPlans.Seeds], input.Seeds);
        commands.Update(_buffers[GeneratorPlans.Settings], MemoryMarshal.AsBytes(input.Settings.AsSpan(0, input.Steps)));
        commands.Update(_buffers[GeneratorPlans.Ids], MemoryMarshal.AsBytes<uint>(input.Ids));
        commands.Fill(_buffers[GeneratorPlans.State].Whole, 0);
    }

    /// <summary>Ids [B, K] after a step that the device has done.</summary>
    public ReadOnlySpan<int> History(int step)
    {
        int length = _batch * _engine.Spec.LatentTokens;
        return MemoryMarshal.Cast<byte, int>(_buffers[GeneratorPlans.History].Mapped).Slice(step * length, length);
    }

    public void Dispose()
    {
        foreach (PlanInstance step in _steps.Values)
            step.Dispose();
        _steps.Clear();
        foreach (GpuBuffer buffer in _buffers.Values)
            buffer.Dispose();
        _buffers.Clear();
    }

    private GpuBufferRange Range(string name) =>
        new(_buffers[name], 0, (long)_batch * _engine.Spec.LatentTokens * sizeof(uint));

    private void Add(string name, long sizeInBytes, GpuMemoryKind kind) =>
        _buffers.Add(name, _engine.Device.CreateBuffer(ArenaPlanner.Align(sizeInBytes), kind, name));
}
