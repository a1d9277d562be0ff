using System.Runtime.InteropServices;
using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Models;

namespace Titok.Vulkan.Engine;

/// <summary>
/// The decoding loop for one batch size. Ids, logits, noise and masks stay on the device; a step is one submission of a
/// recording that never changes, because everything that differs between steps lies in buffers.
/// </summary>
internal sealed class DecodingLoop : IDisposable
{
    /// <summary>Steps submitted ahead of the one that the device works on: enough to keep it busy, few enough to cancel.</summary>
    private const int StepsAhead = 2;

    private readonly GpuDevice _device;
    private readonly GeneratorSpec _spec;
    private readonly KernelProfile _profile;
    private readonly WeightStore _weights;
    private readonly int _batch;
    private readonly int _stepCapacity;
    private readonly Dictionary<string, GpuBuffer> _buffers = [];
    private readonly Dictionary<bool, PlanInstance> _steps = [];
    private readonly GpuRecording _start;

    public DecodingLoop(GpuDevice device, GeneratorSpec spec, KernelProfile profile, WeightStore weights, int batch, int stepCapacity)
    {
        (_device, _spec, _profile, _weights, _batch, _stepCapacity) = (device, spec, profile, weights, batch, stepCapacity);
        int ids = batch * spec.LatentTokens;
        Add(GeneratorPlans.Ids, ids * sizeof(uint), GpuMemoryKind.Device);
        Add(GeneratorPlans.Classes, batch * sizeof(uint), GpuMemoryKind.Upload);
        Add(GeneratorPlans.State, 4 * sizeof(uint), GpuMemoryKind.Device);
        Add(GeneratorPlans.Settings, stepCapacity * StepSettings.SizeInBytes, GpuMemoryKind.Upload);
        Add(GeneratorPlans.Seeds, batch * 2 * sizeof(uint), GpuMemoryKind.Upload);
        Add(GeneratorPlans.History, (long)stepCapacity * ids * sizeof(uint), GpuMemoryKind.Readback);

        _start = device.CreateRecording("start of the decoding loop");
        _start.Begin();
        _start.Barrier();
        _start.Fill(new GpuBufferRange(Ids, 0, Ids.SizeInBytes), (uint)spec.MaskId);
        _start.Fill(new GpuBufferRange(_buffers[GeneratorPlans.State], 0, _buffers[GeneratorPlans.State].SizeInBytes), 0);
        _start.Barrier();
        _start.End();
    }

    /// <summary>Ids [B, K] on the device; final once <see cref="Run"/> has returned.</summary>
    public GpuBuffer Ids => _buffers[GeneratorPlans.Ids];

    /// <summary>Runs every step.</summary>
    /// <param name="classes">Class of each picture.</param>
    /// <param name="seed">Picture i uses seed + i.</param>
    /// <param name="settings">One for each step.</param>
    /// <param name="onStep">Called with the step's number and the ids [B, K] after it; null if nobody looks.</param>
    /// <param name="cancellation">Looked at before every step.</param>
    public void Run(
        ReadOnlySpan<uint> classes, ulong seed, ReadOnlySpan<StepSettings> settings, Action<int, int[]>? onStep,
        CancellationToken cancellation)
    {
        MemoryMarshal.AsBytes(classes).CopyTo(_buffers[GeneratorPlans.Classes].Mapped);
        MemoryMarshal.AsBytes(settings).CopyTo(_buffers[GeneratorPlans.Settings].Mapped);
        PictureSeeds.Write(_buffers[GeneratorPlans.Seeds].Mapped, seed, _batch);

        var submitted = new ulong[settings.Length];
        int step = 0;
        try
        {
            for (; step < settings.Length; step++)
            {
                cancellation.ThrowIfCancellationRequested();
                if (step >= StepsAhead)
                    _device.Wait(submitted[step - StepsAhead], cancellation);
                GpuRecording recording = Step(DecodingSchedule.IsGuided(settings[step])).Recording;
                submitted[step] = step == 0 ? _device.Submit([_start, recording]) : _device.Submit([recording]);
                if (onStep is not null)
                {
                    _device.Wait(submitted[step], cancellation);
                    onStep(step, ReadHistory(step));
                }
            }
        }
        finally
        {
            // The buffers belong to the next request from here on, even if this one was cancelled.
            if (step > 0)
                _device.Wait(submitted[Math.Min(step, settings.Length) - 1]);
        }
    }

    public int[] ReadIds()
    {
        int[] ids = new int[_batch * _spec.LatentTokens];
        _device.Download(Ids, 0, MemoryMarshal.AsBytes(ids.AsSpan()));
        return ids;
    }

    public void Dispose()
    {
        foreach (PlanInstance step in _steps.Values)
            step.Dispose();
        _steps.Clear();
        _start.Dispose();
        foreach (GpuBuffer buffer in _buffers.Values)
            buffer.Dispose();
        _buffers.Clear();
    }

    private PlanInstance Step(bool guided)
    {
        if (_steps.TryGetValue(guided, out PlanInstance? instance))
            return instance;
        ExecutionPlan plan = new GeneratorPlans(_spec, _profile).Step(_batch, _stepCapacity, guided);
        _weights.Load(plan.Weights);
        instance = new PlanInstance(
            _device, plan, _weights, plan.Externals.ToDictionary(e => e.Name, e => new GpuBufferRange(_buffers[e.Name], 0, e.SizeInBytes)));
        _steps.Add(guided, instance);
        return instance;
    }

    private int[] ReadHistory(int step)
    {
        int length = _batch * _spec.LatentTokens;
        return MemoryMarshal.Cast<byte, int>(_buffers[GeneratorPlans.History].Mapped).Slice(step * length, length).ToArray();
    }

    private void Add(string name, long sizeInBytes, GpuMemoryKind kind) =>
        _buffers.Add(name, _device.CreateBuffer(ArenaPlanner.Align(sizeInBytes), kind, name));
}
