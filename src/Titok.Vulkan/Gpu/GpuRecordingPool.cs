namespace Titok.Vulkan.Gpu;

/// <summary>Recordings that are written once, submitted once and then used again. Any thread may take one.</summary>
internal sealed class GpuRecordingPool(GpuDevice device, string name)
{
    private readonly Lock _lock = new();
    private readonly Queue<GpuRecording> _recordings = [];
    private int _made;
    private int _reserved;

    /// <summary>A recording that is not pending: the one that was given back the longest ago, or a new one.</summary>
    public GpuRecording Take()
    {
        lock (_lock)
        {
            if (_recordings.TryPeek(out GpuRecording? oldest) && device.Timeline.IsComplete(oldest.LastSubmission))
                return _recordings.Dequeue();
        }
        GpuRecording made = device.CreateRecording(name);
        lock (_lock)
            _made++;
        return made;
    }

    /// <summary>Gives a recording back; it may be pending.</summary>
    public void Return(GpuRecording recording)
    {
        lock (_lock)
            _recordings.Enqueue(recording);
    }

    /// <summary>Makes recordings ahead for somebody who has as many on the way at once, until <see cref="Release"/>.</summary>
    public void Reserve(int count)
    {
        lock (_lock)
        {
            int others = _recordings.Count;
            for (; _made < _reserved + count; _made++)
                _recordings.Enqueue(device.CreateRecording(name));
            // Behind the new ones, as they may be pending; only now, so that none is lost where a new one can't be made.
            for (; others > 0; others--)
                _recordings.Enqueue(_recordings.Dequeue());
            _reserved += count;
        }
    }

    public void Release(int count)
    {
        lock (_lock)
            _reserved -= count;
    }
}
