using System.Collections.Concurrent;
using System.Numerics;
using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Models;

namespace Titok.Vulkan.Engine;

/// <summary>A generator on a device. The loops that requests rent are made on first use and used again. Any thread may use it.</summary>
internal sealed class GeneratorEngine(GpuDevice device, GeneratorSpec spec, KernelProfile profile) : IDisposable
{
    private readonly SlotPool<(int Batch, int Steps), SamplingLoop> _loops = new(device.Disposals, nameof(TitokGenerator));
    private readonly ConcurrentDictionary<(int Batch, bool Guided), PlanCosts> _costs = new();
    private readonly DispatchRate _rate = new(device.Physical.Type);

    public GpuDevice Device => device;

    public GeneratorSpec Spec => spec;

    public GeneratorPlans Plans { get; } = new(spec, profile);

    public WeightStore Weights { get; } = new(device);

    public FiniteResults Results { get; } = new(profile);

    /// <summary>As many pictures as keep both halves' logits and widest layer inside one storage buffer binding.</summary>
    public int Batch { get; } = MaxPictures(
        device.Physical.Limits.MaxStorageBufferRangeInBytes, SubmissionSize.MaxPictures(device.Physical, profile), spec, profile);

    /// <summary>What of a job is submitted at a time where nobody says; tests cut it finer.</summary>
    public SliceBudget LongestSlice { get; set; } = SubmissionSize.Longest(device.Physical, profile);

    /// <summary>Pictures whose tensors each fit a binding of so many bytes, and no more than so many.</summary>
    public static int MaxPictures(long bindingInBytes, int most, GeneratorSpec spec, KernelProfile profile)
    {
        // Both sides of a long skip are bound apart.
        long widest = Math.Max(spec.Intermediate, 3 * spec.Hidden) * (1L + spec.LatentTokens) * profile.Activation.SizeInBytes();
        long logits = (long)spec.CodebookSize * spec.LatentTokens * sizeof(float);
        return (int)Math.Clamp(bindingInBytes / (2 * Math.Max(widest, logits)), 1, most);
    }

    /// <summary>Loads what every request wants.</summary>
    public void LoadWeights(Checkpoint checkpoint, IProgress<double>? progress = null, CancellationToken cancellation = default) =>
        Weights.Load(checkpoint, Plans.Step(1, 1, guided: true).Weights, progress, cancellation);

    /// <summary>A loop for a batch of this size, with room for this many steps; the caller's until it is returned.</summary>
    public SamplingLoop Rent(int batch, int steps) => _loops.Rent(
        (batch, (int)BitOperations.RoundUpToPowerOf2((uint)steps)), this, static (key, engine) => new SamplingLoop(engine, key.Batch, key.Steps));

    public void Return(SamplingLoop loop, SliceTracker? slices) => _loops.Return((loop.Batch, loop.StepCapacity), loop, slices);

    /// <summary>Frees the loops that nobody has rented; whether there were any.</summary>
    public bool FreeIdle() => _loops.FreeIdle();

    public PlanCosts Costs((int Batch, bool Guided) plan, ExecutionPlan made) => _costs.GetOrAdd(plan, _ => new PlanCosts(_rate, made));

    public void Dispose()
    {
        _loops.Dispose();
        Weights.Dispose();
    }
}
