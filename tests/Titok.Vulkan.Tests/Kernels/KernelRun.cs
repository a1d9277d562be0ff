using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Engine;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Tests.Kernels;

/// <summary>
/// One op on random data: a graph whose inputs are made here, run as every network is, its result read back. Where the
/// profile stores fp16, activations and matrices are made of numbers that fp16 holds, so that only the op can err.
/// </summary>
internal sealed class KernelRun(GpuDevice device, KernelProfile profile, Random random)
{
    private readonly Dictionary<string, byte[]> _inputs = [];
    private readonly List<(string Name, int[] Shape, string Type, byte[] Bytes)> _weights = [];

    public Graph Graph { get; } = new("op", profile);

    /// <summary>Numbers around 0, most of them within ±1.5 times the scale.</summary>
    public float[] Random(long count, bool stored = true, double scale = 1)
    {
        float[] values = new float[count];
        for (int i = 0; i < values.Length; i++)
        {
            float value = (float)(scale * (random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5));
            values[i] = stored && profile.Activation == DataType.Float16 ? (float)(Half)value : value;
        }
        return values;
    }

    /// <summary>An fp32 buffer of the caller's.</summary>
    public Tensor Floats(string name, float[] values, params int[] extents)
    {
        _inputs.Add(name, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
        return Graph.External(name, DataType.Float32, extents);
    }

    /// <summary>A tensor as networks pass them on: in the profile's storage.</summary>
    public Tensor Activation(string name, float[] values, params int[] extents) => Graph.ToActivation(name, Floats(name, values, extents));

    /// <summary>A buffer of 32-bit words.</summary>
    public Tensor Words(string name, ReadOnlySpan<uint> values, params int[] extents)
    {
        _inputs.Add(name, MemoryMarshal.AsBytes(values).ToArray());
        return Graph.External(name, DataType.UInt32, extents);
    }

    /// <summary>A tensor of the checkpoint, to be asked for by this name through the graph.</summary>
    public void Weight(string name, float[] values, params int[] shape) =>
        _weights.Add((name, shape, "F32", MemoryMarshal.AsBytes(values.AsSpan()).ToArray()));

    /// <summary>The same in another type of the file's.</summary>
    public void Weight(string name, string type, byte[] bytes, params int[] shape) => _weights.Add((name, shape, type, bytes));

    /// <summary>Runs the graph and reads a tensor that it made.</summary>
    public float[] Run(Tensor y)
    {
        Graph.Stage("y", y);
        float[] result = [];
        Execute((instance, _) => result = Models.GoldenModel.DownloadFloats(device, instance.StageRange("y"), y.Type));
        return result;
    }

    /// <summary>The same on an emulated device.</summary>
    public float[] Run(EmulatedHopper hopper, Tensor y)
    {
        Graph.Stage("y", y);
        return hopper.Run(Graph.Compile(keepStages: true), Weights(), _inputs, "y");
    }

    /// <summary>Runs the graph and reads buffers of the caller's.</summary>
    public T[][] RunFor<T>(params string[] names)
        where T : unmanaged
    {
        T[][] results = [];
        Execute((_, buffers) => results = [.. names.Select(name =>
        {
            byte[] bytes = new byte[_inputs[name].Length];
            device.Download(buffers[name], 0, bytes);
            return MemoryMarshal.Cast<byte, T>(bytes).ToArray();
        })]);
        return results;
    }

    private void Execute(Action<PlanInstance, IReadOnlyDictionary<string, GpuBuffer>> read) =>
        Models.GoldenModel.Run(device, Graph.Compile(keepStages: true), Weights(), _inputs, (instance, buffers) =>
        {
            read(instance, buffers);
            return 0;
        });

    private Checkpoint Weights()
    {
        var header = new JsonObject();
        long offset = 0;
        foreach ((string name, int[] shape, string type, byte[] bytes) in _weights)
        {
            header[name] = new JsonObject
            {
                ["dtype"] = type,
                ["shape"] = new JsonArray([.. shape.Select(s => (JsonNode)s)]),
                ["data_offsets"] = new JsonArray(offset, offset += bytes.Length),
            };
        }
        byte[] json = Encoding.UTF8.GetBytes(header.ToJsonString());
        return Checkpoint.Parse([.. BitConverter.GetBytes((long)json.Length), .. json, .. _weights.SelectMany(w => w.Bytes)], "random weights");
    }
}
