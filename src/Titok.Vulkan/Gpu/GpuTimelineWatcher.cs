namespace Titok.Vulkan.Gpu;

/// <summary>Turns values of a device's timeline into tasks: one thread waits for all of them, and only while there are any.</summary>
internal sealed class GpuTimelineWatcher(GpuDevice device) : IDisposable
{
    private static readonly TimeSpan s_slice = TimeSpan.FromMilliseconds(20);

    private readonly Lock _lock = new();
    private readonly List<(ulong Value, TaskCompletionSource Done)> _waiting = [];
    private Thread? _thread;
    private bool _disposed;

    /// <summary>A task that ends when the work submitted under a value is done.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; the work goes on.</exception>
    public async Task WaitAsync(ulong value, CancellationToken cancellation)
    {
        if (device.IsComplete(value))
            return;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, device);
            _waiting.Add((value, done));
            if (_thread is null)
            {
                _thread = new Thread(Watch) { IsBackground = true, Name = "titok timeline" };
                _thread.Start();
            }
        }
        await done.Task.WaitAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Ends what still waits with an error; no thread waits for the device from then on.</summary>
    public void Dispose()
    {
        Thread? thread;
        lock (_lock)
        {
            _disposed = true;
            thread = _thread;
        }
        Fail(new ObjectDisposedException(nameof(TitokDevice)));
        // The thread itself may be what disposes of the device, and waits for nothing then.
        if (thread != Thread.CurrentThread)
            thread?.Join();
    }

    private void Watch()
    {
        while (true)
        {
            ulong next;
            lock (_lock)
            {
                if (_waiting.Count == 0)
                {
                    _thread = null;
                    return;
                }
                next = _waiting.Min(w => w.Value);
            }
            try
            {
                device.Wait(next, timeout: s_slice);
                lock (_lock)
                {
                    foreach ((_, TaskCompletionSource done) in _waiting.Where(w => w.Value <= next))
                        done.TrySetResult();
                    _waiting.RemoveAll(w => w.Value <= next);
                }
            }
            catch (TimeoutException)
            {
                // Looked at again, with those that came meanwhile.
            }
            catch (Exception e)
            {
                Fail(e);
            }
        }
    }

    private void Fail(Exception reason)
    {
        lock (_lock)
        {
            foreach ((_, TaskCompletionSource done) in _waiting)
                done.TrySetException(reason);
            _waiting.Clear();
        }
    }
}
