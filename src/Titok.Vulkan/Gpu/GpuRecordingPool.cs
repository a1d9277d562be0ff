namespace Titok.Vulkan.Gpu;

/// <summary>Recordings that are written once, submitted once and then used again. Any thread may take one.</summary>
internal sealed class GpuRecordingPool(GpuDevice device, string name) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Queue<GpuRecording> _recordings = [];

    /// <summary>A recording that is not pending; a new one only where all are.</summary>
    public GpuRecording Take()
    {
        lock (_lock)
        {
            if (_recordings.TryPeek(out GpuRecording? oldest) && device.Timeline.IsComplete(oldest.LastSubmission))
                return _recordings.Dequeue();
        }
        return device.CreateRecording(name);
    }

    /// <summary>Gives a recording back; it may be pending.</summary>
    public void Return(GpuRecording recording)
    {
        lock (_lock)
            _recordings.Enqueue(recording);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (GpuRecording recording in _recordings)
                recording.Dispose();
            _recordings.Clear();
        }
    }
}
