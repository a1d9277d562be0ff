using System.Diagnostics;
using Silk.NET.Vulkan;
using VkSemaphore = Silk.NET.Vulkan.Semaphore;

namespace Titok.Vulkan.Gpu;

/// <summary>The timeline semaphore of a device's queue: each submission is one value, reached in order.</summary>
internal sealed unsafe class GpuTimeline : IDisposable
{
    private const ulong SliceInNanoseconds = 20_000_000;

    private readonly GpuDevice _device;
    private ulong _completed;
    private ulong _lastSubmitted;

    internal GpuTimeline(GpuDevice device)
    {
        _device = device;
        var type = new SemaphoreTypeCreateInfo
        {
            SType = StructureType.SemaphoreTypeCreateInfo,
            SemaphoreType = SemaphoreType.Timeline,
        };
        var info = new SemaphoreCreateInfo { SType = StructureType.SemaphoreCreateInfo, PNext = &type };
        VkSemaphore handle;
        device.Check(device.Vk.CreateSemaphore(device.Handle, &info, null, &handle), "vkCreateSemaphore");
        Handle = handle;
        device.LiveObjects.Add();
        device.DebugNames.Name(ObjectType.Semaphore, handle.Handle, "timeline");
    }

    internal VkSemaphore Handle { get; }

    /// <summary>The value of the latest submission; 0 before the first.</summary>
    public ulong LastSubmitted
    {
        get => Volatile.Read(ref _lastSubmitted);
        internal set => Volatile.Write(ref _lastSubmitted, value);
    }

    /// <summary>The value the GPU has reached.</summary>
    public ulong Completed
    {
        get
        {
            ulong value;
            _device.Check(_device.Vk.GetSemaphoreCounterValue(_device.Handle, Handle, &value), "vkGetSemaphoreCounterValue");
            // A lost device may answer with anything, the largest value included.
            return Remember(Math.Min(value, LastSubmitted));
        }
    }

    /// <summary>Whether the work submitted under a value is done; never blocks.</summary>
    public bool IsComplete(ulong value) => value <= Volatile.Read(ref _completed) || value <= Completed;

    /// <summary>The same, for whoever frees what the work uses: it throws nothing, and says no where it can't be told.</summary>
    public bool IsKnownComplete(ulong value)
    {
        if (value <= Volatile.Read(ref _completed))
            return true;
        // What a lost device says of itself means nothing.
        ulong reached;
        return !_device.IsLost
            && _device.Vk.GetSemaphoreCounterValue(_device.Handle, Handle, &reached) == Result.Success
            && value <= Remember(Math.Min(reached, LastSubmitted));
    }

    /// <summary>Blocks until the work submitted under a value is done.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; the work goes on.</exception>
    /// <exception cref="TimeoutException">The timeout passed; the work goes on.</exception>
    public void Wait(ulong value, CancellationToken cancellation = default, TimeSpan? timeout = null)
    {
        if (value > LastSubmitted)
            throw new ArgumentOutOfRangeException(nameof(value), value, $"The last submission was {LastSubmitted}.");
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            _device.ThrowIfUnusable();
            if (value <= Volatile.Read(ref _completed))
                return;
            ulong slice = SliceInNanoseconds;
            if (timeout is { } limit)
            {
                double left = (limit - Stopwatch.GetElapsedTime(start)).TotalNanoseconds;
                slice = (ulong)Math.Clamp(left, 0, SliceInNanoseconds);
            }
            // In slices, so that cancellation and a loss seen by another thread end the wait.
            Result result = WaitSlice(value, slice);
            _device.Check(result, "vkWaitSemaphores");
            if (result == Result.Success)
            {
                Remember(value);
                return;
            }
            if (timeout is { } over && Stopwatch.GetElapsedTime(start) >= over)
                throw new TimeoutException($"The GPU did not finish within {over.TotalMilliseconds:0.#} ms.");
        }
    }

    /// <summary>Waits for the work submitted under a value, whatever state the device is in; for disposal, so it throws nothing.</summary>
    internal void WaitForDisposal(ulong value)
    {
        if (value > Volatile.Read(ref _completed) && WaitSlice(value, ulong.MaxValue) == Result.Success)
            Remember(value);
    }

    public void Dispose()
    {
        _device.Vk.DestroySemaphore(_device.Handle, Handle, null);
        _device.LiveObjects.Remove();
    }

    private Result WaitSlice(ulong value, ulong nanoseconds)
    {
        VkSemaphore handle = Handle;
        var info = new SemaphoreWaitInfo
        {
            SType = StructureType.SemaphoreWaitInfo,
            SemaphoreCount = 1,
            PSemaphores = &handle,
            PValues = &value,
        };
        return _device.Vk.WaitSemaphores(_device.Handle, &info, nanoseconds);
    }

    private ulong Remember(ulong value)
    {
        ulong seen = Volatile.Read(ref _completed);
        while (value > seen)
        {
            ulong before = Interlocked.CompareExchange(ref _completed, value, seen);
            if (before == seen)
                return value;
            seen = before;
        }
        return seen;
    }
}
