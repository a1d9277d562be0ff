namespace Titok.Vulkan.Gpu;

/// <summary>
/// Vulkan objects that nobody owns any more, until the device is done with all that was submitted while they were alive. So
/// disposing of something never waits.
/// </summary>
internal sealed class GpuDisposalQueue(GpuTimeline timeline, GpuQueue queue)
{
    private readonly Lock _lock = new();
    private readonly Queue<(ulong LastUse, Action Free)> _waiting = [];
    private volatile int _count;

    /// <summary>Frees something now, if the device is idle, or else later.</summary>
    public void Add(Action free)
    {
        ulong last = queue.LastSubmitted;
        if (timeline.IsKnownComplete(last))
        {
            free();
            return;
        }
        lock (_lock)
        {
            _waiting.Enqueue((last, free));
            _count = _waiting.Count;
        }
    }

    /// <summary>Frees what the device is done with by now.</summary>
    public void Drain()
    {
        while (_count > 0 && TryTake(timeline.IsKnownComplete) is { } free)
            free();
    }

    /// <summary>Waits for the device, and frees all that is here by now. It throws nothing, whatever state the device is in.</summary>
    /// <returns>Whether there was anything.</returns>
    public bool Finish()
    {
        ulong last;
        lock (_lock)
        {
            if (_waiting.Count == 0)
                return false;
            last = _waiting.Max(waiting => waiting.LastUse);
        }
        // Not for more: what is put here meanwhile may be for work that others submit meanwhile.
        timeline.WaitForDisposal(last);
        while (TryTake(lastUse => lastUse <= last) is { } free)
            free();
        return true;
    }

    private Action? TryTake(Predicate<ulong> isDone)
    {
        lock (_lock)
        {
            if (!_waiting.TryPeek(out (ulong LastUse, Action Free) oldest) || !isDone(oldest.LastUse))
                return null;
            _waiting.Dequeue();
            _count = _waiting.Count;
            return oldest.Free;
        }
    }
}
