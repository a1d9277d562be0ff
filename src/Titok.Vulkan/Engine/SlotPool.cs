using Titok.Vulkan.Gpu;

namespace Titok.Vulkan.Engine;

/// <summary>
/// Memory for one request at a time, by what the request needs. It is made when all that there is is in use, and kept;
/// any thread may rent. What comes back may still be in use on the device, and waits here until it is not. Where memory is
/// short, what nobody has rented is freed.
/// </summary>
/// <param name="disposals">The device's.</param>
/// <param name="owner">Whose they are, for who rents when it is disposed.</param>
internal sealed class SlotPool<TKey, TSlot>(GpuDisposalQueue disposals, string owner) : IDisposable
    where TKey : notnull
    where TSlot : IDisposable
{
    /// <summary>Slots that are kept for later: requests of ever other sizes would fill the memory otherwise.</summary>
    private const int MaxFree = 8;

    private readonly Lock _lock = new();
    private readonly List<(TKey Key, TSlot Slot, SliceTracker? Slices)> _free = [];
    private readonly List<TSlot> _all = [];
    private bool _disposed;

    public TSlot Rent<TState>(TKey key, TState state, Func<TKey, TState, TSlot> make)
    {
        lock (_lock)
        {
            if (_disposed)
                throw new ObjectDisposedException(owner);
            for (int index = 0; index < _free.Count; index++)
            {
                if (!EqualityComparer<TKey>.Default.Equals(_free[index].Key, key) || _free[index].Slices is { } slices && !IsExecuted(slices))
                    continue;
                TSlot free = _free[index].Slot;
                _free.RemoveAt(index);
                return free;
            }
        }
        TSlot made = MemoryShortage.Retry((Pool: this, key, state, make), static with => with.make(with.key, with.state), static with => with.Pool.FreeIdle());
        lock (_lock)
        {
            if (!_disposed)
            {
                _all.Add(made);
                return made;
            }
        }
        made.Dispose();
        throw new ObjectDisposedException(owner);
    }

    /// <summary>Gives a slot back; with slices, it is not rented again before they are executed.</summary>
    public void Return(TKey key, TSlot slot, SliceTracker? slices = null)
    {
        lock (_lock)
        {
            if (_disposed)
            {
                slices?.Dispose();
                return;
            }
            _free.Add((key, slot, slices));
            // The oldest first, as the one asked for last is the likeliest to be asked for again.
            for (int index = 0; _free.Count > MaxFree && index < _free.Count - 1;)
            {
                if (!TryFree(index))
                    index++;
            }
        }
    }

    /// <summary>Frees the slots that nobody has rented and the device is done with.</summary>
    /// <returns>Whether there were any.</returns>
    public bool FreeIdle()
    {
        lock (_lock)
        {
            int kept = _free.Count;
            for (int index = kept - 1; index >= 0; index--)
                TryFree(index);
            return _free.Count < kept;
        }
    }

    /// <summary>Frees every slot, also those that are rented: their users get errors from then on.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            _disposed = true;
            foreach (TSlot slot in _all)
                slot.Dispose();
            foreach ((_, _, SliceTracker? slices) in _free)
                slices?.Dispose();
            _free.Clear();
            _all.Clear();
        }
    }

    private bool TryFree(int index)
    {
        (_, TSlot slot, SliceTracker? slices) = _free[index];
        if (slices is not null && !IsExecuted(slices))
            return false;
        _free.RemoveAt(index);
        _all.Remove(slot);
        disposals.AddBehindHost(slot.Dispose);
        return true;
    }

    /// <summary>Whether slices are known to be executed: of a lost device's, or one that is gone, nobody can tell any more, and they stay.</summary>
    private static bool IsExecuted(SliceTracker slices)
    {
        try
        {
            while (slices.TryTakeExecuted(out _, out _))
            {
            }
        }
        catch (Exception e) when (e is DeviceLostException or ObjectDisposedException)
        {
            return false;
        }
        if (slices.IsIdle)
            slices.Dispose();
        return slices.IsIdle;
    }
}
