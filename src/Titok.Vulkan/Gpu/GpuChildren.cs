namespace Titok.Vulkan.Gpu;

/// <summary>What was made on a device and is alive, so that nothing outlives it.</summary>
internal sealed class GpuChildren
{
    private readonly Lock _lock = new();
    private readonly HashSet<IDisposable> _alive = [];
    private volatile bool _isClosed;

    public bool IsClosed => _isClosed;

    /// <summary>Takes a child in; where that is too late, disposes of it.</summary>
    /// <exception cref="ObjectDisposedException">The device is being disposed of.</exception>
    public T Keep<T>(T child)
        where T : IDisposable
    {
        lock (_lock)
        {
            if (!_isClosed)
            {
                _alive.Add(child);
                return child;
            }
        }
        child.Dispose();
        throw new ObjectDisposedException(nameof(TitokDevice));
    }

    public void Forget(IDisposable child)
    {
        lock (_lock)
            _alive.Remove(child);
    }

    /// <summary>Takes no more children in.</summary>
    /// <returns>False where that was so already.</returns>
    public bool Close()
    {
        lock (_lock)
        {
            bool wasOpen = !_isClosed;
            _isClosed = true;
            return wasOpen;
        }
    }

    public void DisposeAll()
    {
        IDisposable[] alive;
        lock (_lock)
        {
            alive = [.. _alive];
            _alive.Clear();
        }
        foreach (IDisposable child in alive)
            child.Dispose();
    }
}
