namespace Titok.Vulkan.Gpu;

/// <summary>
/// Vulkan objects that nobody owns any more, until the device is done with all that was submitted while they were alive. So
/// disposing of something never waits.
/// </summary>
internal sealed class GpuDisposalQueue(GpuTimeline timeline, GpuQueue queue)
{
    private readonly Lock _lock = new();
    private readonly Queue<(ulong LastUse, Action Free)> _waiting = [], _behindHost = [];
    private volatile int _count;
    private volatile bool _isUsedByHost;

    /// <summary>From now on command buffers of a host's may use what is disposed of.</summary>
    public void NoteHostUse() => _isUsedByHost = true;

    /// <summary>Frees something now, if the device is idle, or else later.</summary>
    public void Add(Action free)
    {
        ulong last = queue.LastSubmitted;
        if (timeline.IsKnownComplete(last))
            free();
        else
            Enqueue(_waiting, last, free);
    }

    /// <summary>
    /// Frees something that a host's command buffers may use. That the device is past what uses it does not make them whole:
    /// a host may have put work of its own behind it, and nothing that a pending command buffer names may be destroyed. They are
    /// whole when a submission of ours is that comes behind them: the next one.
    /// </summary>
    public void AddBehindHost(Action free)
    {
        if (_isUsedByHost)
            Enqueue(_behindHost, queue.LastSubmitted + 1, free);
        else
            free();
    }

    /// <summary>Frees what the device is done with by now.</summary>
    public void Drain()
    {
        while (_count > 0 && (TryTake(_waiting, timeline.IsKnownComplete) ?? TryTake(_behindHost, timeline.IsKnownComplete)) is { } free)
            free();
    }

    /// <summary>Waits for the device, and frees all that is here by now. It throws nothing, whatever state the device is in.</summary>
    /// <returns>Whether there was anything.</returns>
    public bool Finish()
    {
        if (LastUse() is not { } last)
            return false;
        // What waits for a submission that there is not yet is behind a host.
        if (last > queue.LastSubmitted && !queue.TrySubmitNothing())
            last = queue.LastSubmitted;
        // Not for more: what is put here meanwhile may be for work that others submit meanwhile.
        timeline.WaitForDisposal(last);
        FreeUpTo(last);
        return true;
    }

    /// <summary>Frees all, once the device is done with all of ours, and a host has had its command buffers executed.</summary>
    public void FinishForever()
    {
        queue.WaitForDisposal();
        FreeUpTo(ulong.MaxValue);
    }

    private void FreeUpTo(ulong last)
    {
        while ((TryTake(_waiting, lastUse => lastUse <= last) ?? TryTake(_behindHost, lastUse => lastUse <= last)) is { } free)
            free();
    }

    /// <summary>The last submission that anything here waits for; null where nothing is.</summary>
    private ulong? LastUse()
    {
        lock (_lock)
            return _waiting.Concat(_behindHost).Max(waiting => (ulong?)waiting.LastUse);
    }

    private void Enqueue(Queue<(ulong LastUse, Action Free)> waiting, ulong last, Action free)
    {
        lock (_lock)
        {
            waiting.Enqueue((last, free));
            _count++;
        }
    }

    private Action? TryTake(Queue<(ulong LastUse, Action Free)> waiting, Predicate<ulong> isDone)
    {
        lock (_lock)
        {
            if (!waiting.TryPeek(out (ulong LastUse, Action Free) oldest) || !isDone(oldest.LastUse))
                return null;
            waiting.Dequeue();
            _count--;
            return oldest.Free;
        }
    }
}
