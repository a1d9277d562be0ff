using System.Runtime.InteropServices;
using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Engine;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Tests.Models;

/// <summary>A golden folder: the tiny model, and what the published code computes from it.</summary>
internal sealed class GoldenModel : IDisposable
{
    private readonly Checkpoint _golden;

    public GoldenModel(string name)
    {
        Folder = Path.Combine(AppContext.BaseDirectory, "Goldens", name);
        _golden = Checkpoint.Open(Path.Combine(Folder, "golden.safetensors"));
        Part = OpenPart(name);
    }

    public string Folder { get; }

    public ModelPart Part { get; }

    public IEnumerable<string> StageNames => _golden.Tensors.Keys;

    public float[] Floats(string name) => _golden.ReadFloats(name);

    public IReadOnlyList<int> ShapeOf(string name) => _golden.Tensors[name].Shape;

    /// <summary>Integer tensors are read here by hand: checkpoints have no use for them.</summary>
    public int[] Integers(string name) => SafetensorsIntegers.Read(Path.Combine(Folder, "golden.safetensors"), name);

    public void Dispose() => _golden.Dispose();

    /// <summary>The model itself.</summary>
    public static ModelPart OpenPart(string name)
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "Goldens", name);
        return new ModelPart(DiskFiles.Instance, Path.Combine(folder, "model.safetensors"), TitokConfig.Open(DiskFiles.Instance, Path.Combine(folder, "config.json")));
    }

    /// <summary>Runs a plan once on the given inputs and hands back what was asked for.</summary>
    public static T Run<T>(
        GpuDevice device, ExecutionPlan plan, Checkpoint checkpoint, IReadOnlyDictionary<string, byte[]> inputs,
        Func<PlanInstance, IReadOnlyDictionary<string, GpuBuffer>, T> read)
    {
        using var weights = new WeightStore(device);
        using (checkpoint)
            weights.Load(checkpoint, plan.Weights);
        var buffers = plan.Externals.ToDictionary(
            e => e.Name, e => device.CreateBuffer(ArenaPlanner.Align(e.SizeInBytes), GpuMemoryKind.Device, e.Name));
        try
        {
            foreach ((string name, byte[] data) in inputs)
                device.Upload(buffers[name], 0, data);
            using var instance = new PlanInstance(
                device, plan, weights, plan.Externals.ToDictionary(e => e.Name, e => new GpuBufferRange(buffers[e.Name], 0, e.SizeInBytes)));
            device.Wait(device.Submit([instance.Recording]));
            return read(instance, buffers);
        }
        finally
        {
            foreach (GpuBuffer buffer in buffers.Values)
                buffer.Dispose();
        }
    }

    public static float[] DownloadFloats(GpuDevice device, GpuBufferRange range, DataType type)
    {
        byte[] bytes = new byte[range.SizeInBytes];
        device.Download(range.Buffer, range.OffsetInBytes, bytes);
        return type == DataType.Float16
            ? [.. MemoryMarshal.Cast<byte, Half>(bytes).ToArray().Select(h => (float)h)]
            : MemoryMarshal.Cast<byte, float>(bytes).ToArray();
    }
}
