using Silk.NET.Vulkan;
using VkBuffer = Silk.NET.Vulkan.Buffer;

namespace Titok.Vulkan.Gpu;

/// <summary>Who a buffer is for.</summary>
internal enum GpuMemoryKind
{
    /// <summary>The GPU only.</summary>
    Device,

    /// <summary>Written by the CPU through <see cref="GpuBuffer.Mapped"/>, read by the GPU.</summary>
    Upload,

    /// <summary>Written by the GPU, read by the CPU through <see cref="GpuBuffer.Mapped"/> after a <see cref="GpuCommands.ReadbackBarrier"/> and a wait.</summary>
    Readback,
}

/// <summary>A storage buffer with its memory. Its first contents are undefined.</summary>
internal sealed unsafe class GpuBuffer : IDisposable
{
    private readonly GpuDevice _device;
    private readonly GpuAllocation _allocation;
    private int _disposed;

    internal GpuBuffer(GpuDevice device, long sizeInBytes, GpuMemoryKind kind, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sizeInBytes, 1);
        if (kind != GpuMemoryKind.Device)
            ArgumentOutOfRangeException.ThrowIfGreaterThan(sizeInBytes, int.MaxValue);
        CheckSize(device, sizeInBytes, name);
        _device = device;
        SizeInBytes = sizeInBytes;
        Kind = kind;
        Name = name;
        bool hasAddress = device.Physical.Features.BufferDeviceAddress;
        var info = new BufferCreateInfo
        {
            SType = StructureType.BufferCreateInfo,
            Size = (ulong)sizeInBytes,
            Usage = BufferUsageFlags.StorageBufferBit | BufferUsageFlags.TransferSrcBit | BufferUsageFlags.TransferDstBit
                | (hasAddress ? BufferUsageFlags.ShaderDeviceAddressBit : 0),
            SharingMode = SharingMode.Exclusive,
        };
        VkBuffer handle;
        device.Check(device.Vk.CreateBuffer(device.Handle, &info, null, &handle), "vkCreateBuffer");
        Handle = handle;
        try
        {
            MemoryRequirements requirements;
            device.Vk.GetBufferMemoryRequirements(device.Handle, handle, &requirements);
            _allocation = device.Allocator.Allocate(requirements, kind, name);
            Result result = device.Vk.BindBufferMemory(device.Handle, handle, _allocation.Block.Handle, (ulong)(_allocation.Block.StartInBytes + _allocation.OffsetInBytes));
            if (result != Result.Success)
                device.Allocator.Free(_allocation);
            device.Check(result, "vkBindBufferMemory");
        }
        catch
        {
            device.Vk.DestroyBuffer(device.Handle, handle, null);
            throw;
        }
        device.LiveObjects.Add();
        device.DebugNames.Name(ObjectType.Buffer, handle.Handle, name);
        if (hasAddress)
        {
            var addressInfo = new BufferDeviceAddressInfo { SType = StructureType.BufferDeviceAddressInfo, Buffer = handle };
            Address = device.Vk.GetBufferDeviceAddress(device.Handle, &addressInfo);
        }
    }

    public long SizeInBytes { get; }

    public string Name { get; }

    public GpuMemoryKind Kind { get; }

    /// <summary>Where shaders find it by address; 0 where the device has no buffer device addresses.</summary>
    public ulong Address { get; }

    public bool IsDisposed => Volatile.Read(ref _disposed) != 0;

    /// <summary>The CPU's view of an Upload or Readback buffer.</summary>
    public Span<byte> Mapped
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            if (Kind == GpuMemoryKind.Device)
                throw new InvalidOperationException($"The buffer '{Name}' is for the GPU only.");
            return new Span<byte>(CpuPointer, (int)SizeInBytes);
        }
    }

    internal VkBuffer Handle { get; }

    internal GpuDevice Device => _device;

    /// <summary>Where the CPU may write (or read) it directly, whatever its kind; null where it may not.</summary>
    internal byte* DirectPointer(bool forReading) => _device.Allocator.IsMappable(_allocation, forReading) ? CpuPointer : null;

    private byte* CpuPointer => _allocation.Block.Mapped + _allocation.OffsetInBytes;

    /// <summary>The whole buffer.</summary>
    public GpuBufferRange Whole => new(this, 0, SizeInBytes);

    public override string ToString() => $"{Name} ({SizeInBytes} bytes)";

    /// <summary>Asked before a buffer is made: drivers may refuse, or worse accept, sizes past their limits.</summary>
    internal static void CheckSize(GpuDevice device, long sizeInBytes, string name)
    {
        long most = device.Physical.Limits.MaxMemoryAllocationSizeInBytes;
        if (sizeInBytes > most)
            throw new OutOfDeviceMemoryException(
                $"The buffer '{name}' needs {sizeInBytes} bytes, and {device.Physical.Name} allocates at most {most} at once.", sizeInBytes, most);
    }

    /// <summary>Frees it, once no pending work may still use it. Never waits.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _device.Forget(this);
        _device.Disposals.Add(() =>
        {
            _device.Vk.DestroyBuffer(_device.Handle, Handle, null);
            _device.Allocator.Free(_allocation);
            _device.LiveObjects.Remove();
        });
    }
}

/// <summary>Part of a buffer.</summary>
internal readonly record struct GpuBufferRange(GpuBuffer Buffer, long OffsetInBytes, long SizeInBytes)
{
    /// <summary>Part of this part.</summary>
    public GpuBufferRange Slice(long offsetInBytes, long sizeInBytes) => new(Buffer, OffsetInBytes + offsetInBytes, sizeInBytes);

    /// <summary>Throws unless the range is inside its live buffer and the buffer is of this device.</summary>
    internal void Check(GpuDevice device)
    {
        ObjectDisposedException.ThrowIf(Buffer.IsDisposed, Buffer);
        if (Buffer.Device != device)
            throw new ArgumentException($"The buffer '{Buffer.Name}' belongs to another device.");
        if (OffsetInBytes < 0 || SizeInBytes < 1 || SizeInBytes > Buffer.SizeInBytes - OffsetInBytes)
            throw new ArgumentOutOfRangeException(
                nameof(SizeInBytes), $"Bytes {OffsetInBytes}..{OffsetInBytes + SizeInBytes} are not inside the buffer '{Buffer.Name}' of {Buffer.SizeInBytes}.");
    }
}
