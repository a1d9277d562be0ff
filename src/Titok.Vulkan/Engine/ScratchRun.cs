using System.Diagnostics;
using System.Runtime.InteropServices;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Engine;

/// <summary>Kernel calls on buffers made for the occasion, to measure them or to look at what they compute.</summary>
internal sealed class ScratchRun : IDisposable
{
    /// <summary>In fp16, and in fp32.</summary>
    private const uint NotANumber = uint.MaxValue;

    private readonly GpuDevice _device;
    private readonly Dictionary<Value, GpuBuffer> _buffers = [];
    private readonly List<GpuRecording> _recordings = [];

    /// <param name="device">Device to run on.</param>
    /// <param name="calls">Run in order.</param>
    /// <param name="contents">The bytes of tensors that are read; what is not named starts as zeros, and what is written as no numbers.</param>
    public ScratchRun(GpuDevice device, IReadOnlyList<KernelCall> calls, IReadOnlyDictionary<Value, byte[]>? contents = null)
        : this(device, [calls], contents)
    {
    }

    /// <param name="device">Device to run on.</param>
    /// <param name="alternatives">Each run by itself, in order, on the same buffers.</param>
    /// <param name="contents">The bytes of tensors that are read; what is not named starts as zeros, and what is written as no numbers.</param>
    public ScratchRun(GpuDevice device, IReadOnlyList<IReadOnlyList<KernelCall>> alternatives, IReadOnlyDictionary<Value, byte[]>? contents = null)
    {
        _device = device;
        try
        {
            foreach (Value value in alternatives.SelectMany(a => a).SelectMany(c => c.Bindings).Select(b => b.Tensor.Value).Distinct())
            {
                GpuBuffer buffer = device.CreateBuffer(ArenaPlanner.Align(value.SizeInBytes), GpuMemoryKind.Device, value.Name);
                _buffers.Add(value, buffer);
                device.Upload(buffer, 0, contents?.GetValueOrDefault(value) ?? new byte[value.SizeInBytes]);
            }
            foreach (IReadOnlyList<KernelCall> calls in alternatives)
                Record(calls);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Runs an alternative once; the seconds it took on the device, or by the clock where the device has none.</summary>
    /// <remarks>By the clock it would take longer on a queue that a host submits frames to meanwhile.</remarks>
    public double Run(int alternative = 0)
    {
        GpuRecording recording = _recordings[alternative];
        long start = Stopwatch.GetTimestamp();
        _device.Wait(_device.Submit(recording));
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return _device.Physical.TimestampBits > 0 ? recording.ReadTimestamps()[^1].Milliseconds / 1e3 : seconds;
    }

    /// <summary>What a tensor of fp16 or fp32 holds.</summary>
    public float[] Read(Tensor tensor) =>
        tensor.Type == DataType.Float16 ? Array.ConvertAll(Download<Half>(tensor), half => (float)half) : Download<float>(tensor);

    public void Dispose()
    {
        foreach (GpuRecording recording in _recordings)
            recording.Dispose();
        foreach (GpuBuffer buffer in _buffers.Values)
            buffer.Dispose();
    }

    private GpuBufferRange Range(Value value) => new(_buffers[value], 0, value.SizeInBytes);

    private T[] Download<T>(Tensor tensor)
        where T : unmanaged
    {
        var values = new T[tensor.Shape.Count];
        _device.Download(_buffers[tensor.Value], 0, MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    private void Record(IReadOnlyList<KernelCall> calls)
    {
        GpuRecording recording = _device.CreateRecording("scratch");
        _recordings.Add(recording);
        recording.Begin();
        // What an earlier run left is not taken for this one's.
        foreach (Value written in calls.SelectMany(c => c.Bindings).Where(b => b.Access != Access.Read).Select(b => b.Tensor.Value).Distinct())
            recording.Fill(new GpuBufferRange(_buffers[written], 0, ArenaPlanner.Align(written.SizeInBytes)), written.Kind == ValueKind.Counters ? 0 : NotANumber);
        recording.Barrier();
        recording.Timestamp("start");
        for (int index = 0; index < calls.Count; index++)
        {
            if (index > 0 && !calls[index].IsChained)
                recording.Barrier();
            recording.Dispatch(_device, calls[index], Range);
        }
        recording.Barrier();
        recording.Timestamp("end");
        recording.End();
    }
}
