using System.Runtime.InteropServices;
using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Models;

namespace Titok.Vulkan.Engine;

/// <summary>A generator on a device. A loop of the batch's size is recorded on first use and replayed from then on.</summary>
internal sealed class GeneratorEngine(GpuDevice device, Checkpoint checkpoint, GeneratorSpec spec, KernelProfile profile) : IDisposable
{
    private readonly Dictionary<(int Batch, int Steps), DecodingLoop> _loops = [];

    public GeneratorSpec Spec => spec;

    public WeightStore Weights { get; } = new(device, checkpoint);

    /// <summary>As many pictures as keep the logits of both halves inside one storage buffer binding.</summary>
    public int Batch { get; } = (int)Math.Clamp(
        device.Physical.Limits.MaxStorageBufferRangeInBytes /
            (2L * spec.LatentTokens * Math.Max(spec.CodebookSize, 4 * spec.Hidden) * sizeof(float)),
        1,
        64);

    public void LoadWeights(CancellationToken cancellation = default) => Weights.Load(new GeneratorPlans(spec, profile).Step(1, 1, guided: true).Weights, cancellation);

    /// <summary>The loop for a batch of this size, with room for this many steps.</summary>
    public DecodingLoop Loop(int batch, int steps)
    {
        int capacity = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)steps);
        if (!_loops.TryGetValue((batch, capacity), out DecodingLoop? loop))
        {
            loop = new DecodingLoop(device, spec, profile, Weights, batch, capacity);
            _loops.Add((batch, capacity), loop);
        }
        return loop;
    }

    public void Dispose()
    {
        foreach (DecodingLoop loop in _loops.Values)
            loop.Dispose();
        _loops.Clear();
        Weights.Dispose();
    }
}
