using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Engine;

/// <summary>Two upload buffers with a recording each: one is filled while the device works through the other.</summary>
internal sealed class StagingPair : IDisposable
{
    private readonly GpuDevice _device;
    private readonly GpuBuffer[] _buffers = new GpuBuffer[2];
    private readonly GpuRecording[] _recordings = new GpuRecording[2];
    private readonly ulong[] _submitted = new ulong[2];
    private int _current;
    private long _usedInBytes;

    public StagingPair(GpuDevice device, long sizeInBytes)
    {
        _device = device;
        try
        {
            for (int index = 0; index < 2; index++)
            {
                _buffers[index] = device.CreateBuffer(ArenaPlanner.Align(sizeInBytes), GpuMemoryKind.Upload, $"weight staging {index}");
                _recordings[index] = device.CreateRecording($"pack weights {index}");
            }
            _recordings[0].Begin();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Where the dispatches that read the reserved bytes are recorded.</summary>
    public GpuRecording Recording => _recordings[_current];

    /// <summary>Room for a source; submits and changes over to the other buffer where this one is full.</summary>
    public (GpuBuffer Buffer, long OffsetInBytes) Reserve(long sizeInBytes)
    {
        if (_usedInBytes + sizeInBytes > _buffers[_current].SizeInBytes)
        {
            Submit();
            _current ^= 1;
            _device.Wait(_submitted[_current]);
            _usedInBytes = 0;
            Recording.Begin();
        }
        long offsetInBytes = _usedInBytes;
        _usedInBytes = ArenaPlanner.Align(_usedInBytes + sizeInBytes);
        return (_buffers[_current], offsetInBytes);
    }

    /// <summary>Submits what is recorded and waits for all of it.</summary>
    public void Flush()
    {
        Submit();
        _device.Wait(Math.Max(_submitted[0], _submitted[1]));
    }

    public void Dispose()
    {
        // Not all of them are there where one could not be made.
        foreach (GpuRecording? recording in _recordings)
            recording?.Dispose();
        foreach (GpuBuffer? buffer in _buffers)
            buffer?.Dispose();
    }

    private void Submit()
    {
        Recording.End();
        _submitted[_current] = _device.Submit([Recording]);
    }
}
