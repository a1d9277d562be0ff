using Microsoft.Extensions.Logging;
using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>A device with one queue: makes buffers, programs and recordings, submits, waits. Any thread may use it.</summary>
/// <remarks>
/// A lost device stays lost: every call but Dispose throws <see cref="DeviceLostException"/> from then on.
/// </remarks>
internal sealed unsafe class GpuDevice : IDisposable
{
    private readonly LogicalDevice _logical;
    private readonly GpuQueue _queue;
    private readonly GpuChildren _children = new();
    private readonly GpuStaging _staging;
    private readonly GpuProgramCache _programs;
    private volatile bool _lost;

    /// <summary>Works on a device that <see cref="DeviceOpening"/> has made or been lent.</summary>
    internal GpuDevice(GpuInstance instance, GpuPhysicalDevice physical, LogicalDevice logical, GpuDeviceOptions options)
    {
        _logical = logical;
        Physical = physical;
        Logger = options.Logger ?? instance.Logger;
        // Now, whatever the current folder is later.
        CacheFolder = options.CacheFolder is { Length: > 0 } named ? Path.GetFullPath(named) : options.CacheFolder ?? PipelineCacheFile.DefaultFolder();
        LiveObjects = instance.LiveObjects;
        DebugNames = new GpuDebugNames(logical.Functions, logical.Handle, instance.HasDebugUtils);
        Allocator = new GpuAllocator(this, options.MemoryLimitInBytes);
        Timeline = new GpuTimeline(this);
        _queue = new GpuQueue(this, logical);
        Disposals = new GpuDisposalQueue(Timeline, _queue);
        try
        {
            _programs = new GpuProgramCache(this, options);
        }
        catch
        {
            Timeline.Dispose();
            throw;
        }
        _staging = new GpuStaging(this, options.AlwaysStage);
        Watcher = new GpuTimelineWatcher(this);
        SliceRecordings = new GpuRecordingPool(this, "slice");
    }

    public GpuPhysicalDevice Physical { get; }

    public GpuTimeline Timeline { get; }

    public bool IsLost => _lost;

    public bool IsDisposed => _children.IsClosed;

    public GpuMemoryReport Memory => Allocator.Report();

    internal Vk Vk => _logical.Vk;

    internal Device Handle => _logical.Handle;

    /// <summary>Where functions of extensions come from.</summary>
    internal VulkanFunctions Functions => _logical.Functions;

    internal uint QueueFamily => _logical.QueueFamily;

    internal GpuAllocator Allocator { get; }

    internal GpuDebugNames DebugNames { get; }

    internal GpuDisposalQueue Disposals { get; }

    /// <inheritdoc cref="LogicalDevice.KeepsStatistics"/>
    internal bool KeepsStatistics => _logical.KeepsStatistics;

    /// <summary>The host whose device this is; null where it is ours.</summary>
    internal GpuHost? Host => _logical.Host;

    /// <summary>Where files are kept between runs; empty for nowhere.</summary>
    internal string CacheFolder { get; }

    internal GpuLiveObjects LiveObjects { get; }

    internal ILogger? Logger { get; }

    /// <summary>Waits for submissions without holding a thread each.</summary>
    internal GpuTimelineWatcher Watcher { get; }

    /// <summary>Recordings for what is written anew each time it runs.</summary>
    internal GpuRecordingPool SliceRecordings { get; }

    /// <inheritdoc cref="GpuProgramCache.BuildTime"/>
    public TimeSpan PipelineBuildTime => _programs.BuildTime;

    internal GpuPipelineCache PipelineCache => _programs.PipelineCache;

    /// <summary>Writes the pipeline cache where something was built since; a failure is logged, and no more.</summary>
    internal void SaveCache() => _programs.PipelineCache.Save();

    /// <summary>Makes a buffer with undefined contents.</summary>
    /// <exception cref="OutOfDeviceMemoryException">It does not fit.</exception>
    public GpuBuffer CreateBuffer(long sizeInBytes, GpuMemoryKind kind, string name)
    {
        ThrowIfUnusable();
        Disposals.Drain();
        return Keep(new GpuBuffer(this, sizeInBytes, kind, name));
    }

    /// <summary>The program of a shader with its specialization constants; built on first use.</summary>
    /// <param name="shaderName">The embedded resource's name without ".spv".</param>
    /// <param name="specialization">Constant i is constant_id i.</param>
    /// <param name="bindingCount">Storage buffers 0..n−1 of set 0.</param>
    /// <param name="pushConstantSizeInBytes">A multiple of 4.</param>
    /// <exception cref="MissingFeatureException">The device lacks what the shader needs.</exception>
    public GpuProgram GetProgram(string shaderName, ReadOnlySpan<uint> specialization, int bindingCount, int pushConstantSizeInBytes)
    {
        ThrowIfUnusable();
        return _programs.Get(shaderName, specialization, bindingCount, pushConstantSizeInBytes);
    }

    /// <summary>The program that a function of a module in PTX is; built on first use.</summary>
    /// <param name="name">The embedded resource's name without ".ptx", a dot, and the function's name.</param>
    /// <param name="threads">Threads of a block, along x.</param>
    /// <param name="sharedMemoryInBytes">What a block has of shared memory besides what the function declares.</param>
    /// <param name="bindingCount">Buffers whose addresses are among its parameters.</param>
    /// <param name="parameterSizeInBytes">Of the one struct that the function takes by value.</param>
    /// <exception cref="MissingFeatureException">The device takes no PTX.</exception>
    public GpuProgram GetFunction(string name, int threads, int sharedMemoryInBytes, int bindingCount, int parameterSizeInBytes)
    {
        ThrowIfUnusable();
        return _programs.GetFunction(name, threads, sharedMemoryInBytes, bindingCount, parameterSizeInBytes);
    }

    public GpuRecording CreateRecording(string name)
    {
        ThrowIfUnusable();
        return Keep(new GpuRecording(this, name));
    }

    /// <inheritdoc cref="GpuDispatchList"/>
    public GpuDispatchList CreateDispatchList(string name, params ReadOnlySpan<GpuBufferRange> zeros)
    {
        ThrowIfUnusable();
        return Keep(new GpuDispatchList(this, name, [.. zeros]));
    }

    /// <summary>Makes a buffer that can be exported.</summary>
    /// <exception cref="MissingFeatureException">The device can't.</exception>
    public GpuSharedBuffer CreateSharedBuffer(long sizeInBytes, TitokHandleType handleType)
    {
        ThrowIfUnusable();
        return Keep(new GpuSharedBuffer(this, sizeInBytes, handleType));
    }

    /// <summary>Makes a semaphore that can be exported.</summary>
    /// <exception cref="MissingFeatureException">The device can't.</exception>
    public GpuSharedSemaphore CreateSharedSemaphore(TitokHandleType handleType, bool isTimeline)
    {
        ThrowIfUnusable();
        return Keep(new GpuSharedSemaphore(this, handleType, isTimeline));
    }

    /// <summary>Makes a timer for so many slices at a time; the device must have timestamps.</summary>
    public GpuSliceTimer CreateSliceTimer(int capacity)
    {
        ThrowIfUnusable();
        return Keep(new GpuSliceTimer(this, capacity));
    }

    /// <summary>Submits one recording; see <see cref="Submit(ReadOnlySpan{GpuRecording})"/>.</summary>
    public ulong Submit(GpuRecording recording) => Submit([recording]);

    /// <summary>Queues recordings, in order, after everything queued before. Returns the timeline value they reach when done.</summary>
    public ulong Submit(ReadOnlySpan<GpuRecording> recordings) => Submit(recordings, [], []);

    /// <inheritdoc cref="GpuQueue.Submit"/>
    public ulong Submit(ReadOnlySpan<GpuRecording> recordings, ReadOnlySpan<TitokSemaphore> waits, ReadOnlySpan<TitokSemaphore> signals)
    {
        ThrowIfUnusable();
        Disposals.Drain();
        return _queue.Submit(recordings, waits, signals);
    }

    /// <inheritdoc cref="GpuTimeline.Wait"/>
    public void Wait(ulong value, CancellationToken cancellation = default, TimeSpan? timeout = null)
    {
        ThrowIfUnusable();
        Timeline.Wait(value, cancellation, timeout);
    }

    public bool IsComplete(ulong value)
    {
        ThrowIfUnusable();
        return Timeline.IsComplete(value);
    }

    /// <inheritdoc cref="GpuStaging.Upload"/>
    public void Upload(GpuBuffer destination, long offsetInBytes, ReadOnlySpan<byte> data)
    {
        ThrowIfUnusable();
        _staging.Upload(destination, offsetInBytes, data);
    }

    /// <inheritdoc cref="GpuStaging.Download"/>
    public void Download(GpuBuffer source, long offsetInBytes, Span<byte> destination)
    {
        ThrowIfUnusable();
        _staging.Download(source, offsetInBytes, destination);
    }

    /// <summary>Behaves from now on as after a real loss. For tests.</summary>
    internal void SimulateLoss() => _lost = true;

    /// <summary>Waits for pending work and frees everything made on this device, also what was not disposed yet.</summary>
    public void Dispose()
    {
        if (!_children.Close())
            return;
        Watcher.Dispose();
        // After this no submission can start: Submit asks again once it has the lock.
        _queue.WaitForDisposal();
        _children.DisposeAll();
        Disposals.FinishForever();
        _programs.Dispose();
        Timeline.Dispose();
        Allocator.Dispose();
        if (_logical.IsOwned)
        {
            Vk.DestroyDevice(Handle, null);
            LiveObjects.Remove();
        }
        Vk.Dispose();
    }

    /// <summary>Writes into a command buffer of the host's.</summary>
    internal GpuCommands HostCommands(nint commandBuffer)
    {
        Disposals.NoteHostUse();
        return new GpuCommands(this, new CommandBuffer(commandBuffer));
    }

    internal void Forget(IDisposable child) => _children.Forget(child);

    /// <summary>Throws the typed error for a failed call, and remembers a loss.</summary>
    internal void Check(Result result, string call)
    {
        if (result >= Result.Success)
            return;
        if (result == Result.ErrorDeviceLost)
            _lost = true;
        throw VulkanResult.ToException(result, call);
    }

    internal void ThrowIfUnusable()
    {
        ObjectDisposedException.ThrowIf(IsDisposed, typeof(TitokDevice));
        if (_lost)
            throw new DeviceLostException($"The GPU {Physical.Name} was lost; make a new device.");
    }

    private T Keep<T>(T child)
        where T : IDisposable => _children.Keep(child);
}
