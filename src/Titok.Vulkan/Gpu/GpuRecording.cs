using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>
/// Commands recorded once and submitted as often as wanted, also while an earlier submission is pending.
/// One thread records at a time; a recording that has begun starts after everything submitted before it.
/// </summary>
internal sealed unsafe class GpuRecording : IDisposable
{
    private readonly GpuDevice _device;
    private readonly CommandPool _pool;
    private readonly GpuCommands _commands;
    private readonly DescriptorSets _sets;
    private readonly GpuTimestamps _timestamps;
    private readonly HashSet<GpuBuffer> _buffers = [];
    private State _state = State.Empty;
    private GpuPipeline? _boundPipeline;
    private ulong _lastSubmission;
    private int _disposed;

    internal GpuRecording(GpuDevice device, string name)
    {
        _device = device;
        Name = name;
        var poolInfo = new CommandPoolCreateInfo { SType = StructureType.CommandPoolCreateInfo, QueueFamilyIndex = device.QueueFamily };
        CommandPool pool;
        device.Check(device.Vk.CreateCommandPool(device.Handle, &poolInfo, null, &pool), "vkCreateCommandPool");
        _pool = pool;
        var info = new CommandBufferAllocateInfo
        {
            SType = StructureType.CommandBufferAllocateInfo,
            CommandPool = pool,
            Level = CommandBufferLevel.Primary,
            CommandBufferCount = 1,
        };
        CommandBuffer commands;
        Result result = device.Vk.AllocateCommandBuffers(device.Handle, &info, &commands);
        if (result != Result.Success)
            device.Vk.DestroyCommandPool(device.Handle, pool, null);
        device.Check(result, "vkAllocateCommandBuffers");
        _commands = new GpuCommands(device, commands);
        device.LiveObjects.Add();
        device.DebugNames.Name(ObjectType.CommandBuffer, (ulong)commands.Handle, name);
        _sets = new DescriptorSets(device, name);
        _timestamps = new GpuTimestamps(device);
    }

    private enum State
    {
        Empty,
        Recording,
        Ready,
    }

    public string Name { get; }

    public bool IsDisposed => Volatile.Read(ref _disposed) != 0;

    /// <summary>The timeline value of its latest submission; 0 before the first.</summary>
    public ulong LastSubmission => Volatile.Read(ref _lastSubmission);

    /// <summary>How many dispatches it holds.</summary>
    public int DispatchCount { get; private set; }

    internal CommandBuffer Handle => _commands.Handle;

    /// <summary>Writes into it what has no checks of its own; it must have begun.</summary>
    internal GpuCommands Commands
    {
        get
        {
            ThrowUnlessRecording();
            _boundPipeline = null;
            return _commands;
        }
    }

    /// <summary>Starts over. What follows runs after everything submitted before.</summary>
    /// <exception cref="InvalidOperationException">It is still pending: wait for <see cref="LastSubmission"/> first.</exception>
    public void Begin()
    {
        ThrowIfUnusable();
        if (!_device.Timeline.IsComplete(LastSubmission))
            throw new InvalidOperationException($"The recording '{Name}' is still pending; wait for its last submission first.");
        _state = State.Empty;
        _buffers.Clear();
        _timestamps.Clear();
        _boundPipeline = null;
        DispatchCount = 0;
        _device.Check(_device.Vk.ResetCommandPool(_device.Handle, _pool, 0), "vkResetCommandPool");
        _sets.Reset();
        var info = new CommandBufferBeginInfo
        {
            SType = StructureType.CommandBufferBeginInfo,
            Flags = CommandBufferUsageFlags.SimultaneousUseBit,
        };
        _device.Check(_device.Vk.BeginCommandBuffer(_commands.Handle, &info), "vkBeginCommandBuffer");
        _state = State.Recording;
        // Commands of separate submissions overlap on the GPU unless a barrier says otherwise, a replay with itself too.
        Barrier();
    }

    /// <summary>Runs a program on its bindings; binding i of a pipeline's set 0 is <c>bindings[i]</c>.</summary>
    public void Dispatch(
        GpuProgram program, ReadOnlySpan<GpuBufferRange> bindings, ReadOnlySpan<byte> arguments,
        uint groupsX, uint groupsY = 1, uint groupsZ = 1)
    {
        ThrowUnlessRecording();
        program.CheckDispatch(_device, bindings, arguments.Length, groupsX, groupsY, groupsZ);
        DescriptorSet set = _sets.Make(program, bindings);
        foreach (GpuBufferRange range in bindings)
            _buffers.Add(range.Buffer);
        _commands.Dispatch(program, set, arguments, groupsX, groupsY, groupsZ, ref _boundPipeline);
        DispatchCount++;
    }

    /// <summary>Puts part of a list of dispatches in.</summary>
    public void Emit(GpuDispatchList dispatches, int first, int count)
    {
        ThrowUnlessRecording();
        foreach (GpuBuffer buffer in dispatches.Buffers)
            _buffers.Add(buffer);
        _boundPipeline = null;
        dispatches.Emit(_commands, first, count);
        DispatchCount += count;
    }

    /// <inheritdoc cref="GpuCommands.Barrier"/>
    public void Barrier()
    {
        ThrowUnlessRecording();
        _commands.Barrier();
    }

    /// <inheritdoc cref="GpuCommands.ReadbackBarrier"/>
    public void ReadbackBarrier()
    {
        ThrowUnlessRecording();
        _commands.ReadbackBarrier();
    }

    public void Copy(GpuBufferRange from, GpuBufferRange to)
    {
        ThrowUnlessRecording();
        from.Check(_device);
        to.Check(_device);
        if (from.SizeInBytes != to.SizeInBytes)
            throw new ArgumentException($"{from.SizeInBytes} bytes of '{from.Buffer.Name}' can't be copied to {to.SizeInBytes} of '{to.Buffer.Name}'.");
        if (from.Buffer == to.Buffer && Math.Abs(from.OffsetInBytes - to.OffsetInBytes) < from.SizeInBytes)
            throw new ArgumentException($"The copy inside '{from.Buffer.Name}' overlaps itself.");
        _buffers.Add(from.Buffer);
        _buffers.Add(to.Buffer);
        _commands.Copy(from, to);
    }

    /// <summary>Fills a range, which must be of whole 4-byte words.</summary>
    public void Fill(GpuBufferRange range, uint value)
    {
        ThrowUnlessRecording();
        range.Check(_device);
        if (range.OffsetInBytes % 4 != 0 || range.SizeInBytes % 4 != 0)
            throw new ArgumentException($"The range of '{range.Buffer.Name}' is not of whole 4-byte words.");
        _buffers.Add(range.Buffer);
        _commands.Fill(range, value);
    }

    /// <summary>Marks a point in time: everything before is done. Nothing where the device has no timestamps.</summary>
    public void Timestamp(string label)
    {
        ThrowUnlessRecording();
        _timestamps.Write(_commands.Handle, label);
    }

    public void BeginLabel(string label)
    {
        ThrowUnlessRecording();
        _device.DebugNames.BeginLabel(_commands.Handle, label);
    }

    public void EndLabel()
    {
        ThrowUnlessRecording();
        _device.DebugNames.EndLabel(_commands.Handle);
    }

    public void End()
    {
        ThrowUnlessRecording();
        _state = State.Empty;
        _device.Check(_device.Vk.EndCommandBuffer(_commands.Handle), "vkEndCommandBuffer");
        _state = State.Ready;
    }

    /// <summary>For each timestamp, the milliseconds since the one before it (0 for the first), of the latest run.</summary>
    /// <exception cref="InvalidOperationException">It has not run, or not finished.</exception>
    public IReadOnlyList<(string Label, double Milliseconds)> ReadTimestamps()
    {
        ThrowIfUnusable();
        if (LastSubmission == 0 || _state != State.Ready || !_device.Timeline.IsComplete(LastSubmission))
            throw new InvalidOperationException($"The recording '{Name}' has not finished a run.");
        return _timestamps.Read();
    }

    /// <summary>Frees it, once it is not pending. Never waits.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _device.Forget(this);
        _device.Disposals.Add(() =>
        {
            _timestamps.Dispose();
            _sets.Dispose();
            _device.Vk.DestroyCommandPool(_device.Handle, _pool, null);
            _device.LiveObjects.Remove();
        });
    }

    /// <summary>Called by the device under its queue lock.</summary>
    internal void MarkSubmitted(ulong value) => Volatile.Write(ref _lastSubmission, value);

    internal void ThrowUnlessSubmittable(GpuDevice device)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        if (_device != device)
            throw new ArgumentException($"The recording '{Name}' belongs to another device.");
        if (_state != State.Ready)
            throw new InvalidOperationException($"The recording '{Name}' has not been ended.");
        // Each replay walks this set; it is short, and a GPU fault would cost far more.
        foreach (GpuBuffer buffer in _buffers)
        {
            if (buffer.IsDisposed)
                throw new ObjectDisposedException(buffer.Name, $"The buffer '{buffer.Name}' of the recording '{Name}' was disposed.");
        }
    }

    private void ThrowUnlessRecording()
    {
        ThrowIfUnusable();
        if (_state != State.Recording)
            throw new InvalidOperationException($"The recording '{Name}' has not begun.");
    }

    private void ThrowIfUnusable()
    {
        // First the device, which takes its recordings along.
        _device.ThrowIfUnusable();
        ObjectDisposedException.ThrowIf(IsDisposed, this);
    }
}
