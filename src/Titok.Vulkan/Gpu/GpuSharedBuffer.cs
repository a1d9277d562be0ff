using Silk.NET.Vulkan;
using VkBuffer = Silk.NET.Vulkan.Buffer;

namespace Titok.Vulkan.Gpu;

/// <summary>A buffer whose memory other devices and interfaces can import. Its memory is its own, never part of a block.</summary>
internal sealed unsafe class GpuSharedBuffer : IDisposable
{
    public const BufferUsageFlags Usage = BufferUsageFlags.TransferDstBit | BufferUsageFlags.TransferSrcBit;

    private readonly GpuDevice _device;
    private readonly GpuHandleKind _kind;
    private readonly DeviceMemory _memory;
    private int _disposed;

    public GpuSharedBuffer(GpuDevice device, long sizeInBytes, GpuHandleKind kind)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sizeInBytes, 1);
        if (GpuSharedHandle.WhyNoBuffers(device, kind) is { } missing)
            throw new MissingFeatureException(missing, $"{device.Physical.Name} can't share buffers as {kind}: it lacks {missing}, or the host has not turned it on.");
        (_device, _kind, SizeInBytes) = (device, kind, sizeInBytes);
        var external = new ExternalMemoryBufferCreateInfo { SType = StructureType.ExternalMemoryBufferCreateInfo, HandleTypes = GpuSharedHandle.Memory(kind) };
        var info = new BufferCreateInfo { SType = StructureType.BufferCreateInfo, PNext = &external, Size = (ulong)sizeInBytes, Usage = Usage };
        VkBuffer buffer;
        device.Check(device.Vk.CreateBuffer(device.Handle, &info, null, &buffer), "vkCreateBuffer");
        Handle = buffer;
        try
        {
            _memory = Allocate();
            Result result = device.Vk.BindBufferMemory(device.Handle, buffer, _memory, 0);
            if (result != Result.Success)
                device.Vk.FreeMemory(device.Handle, _memory, null);
            device.Check(result, "vkBindBufferMemory");
        }
        catch
        {
            device.Vk.DestroyBuffer(device.Handle, buffer, null);
            throw;
        }
        device.LiveObjects.Add(2);
        device.DebugNames.Name(ObjectType.Buffer, buffer.Handle, "shared buffer");
    }

    public VkBuffer Handle { get; }

    public long SizeInBytes { get; }

    /// <summary>Size of the memory, which whoever imports it must give.</summary>
    public long MemorySizeInBytes { get; private set; }

    /// <summary>Index of the memory's type, which whoever imports it into Vulkan must give.</summary>
    public int MemoryTypeIndex { get; private set; }

    /// <summary>A new handle of the memory; the caller's to import, which takes it, or to close.</summary>
    public nint Export()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        _device.ThrowIfUnusable();
        if (_kind == GpuHandleKind.OpaqueWin32)
        {
            var windows = new MemoryGetWin32HandleInfoKHR { SType = StructureType.MemoryGetWin32HandleInfoKhr, Memory = _memory, HandleType = GpuSharedHandle.Memory(_kind) };
            nint handle;
            var getHandle = (delegate* unmanaged<nint, MemoryGetWin32HandleInfoKHR*, nint*, Result>)_device.Functions.GetProcAddress("vkGetMemoryWin32HandleKHR");
            _device.Check(getHandle(_device.Handle.Handle, &windows, &handle), "vkGetMemoryWin32HandleKHR");
            return handle;
        }
        var info = new MemoryGetFdInfoKHR { SType = StructureType.MemoryGetFDInfoKhr, Memory = _memory, HandleType = GpuSharedHandle.Memory(_kind) };
        int descriptor;
        var getDescriptor = (delegate* unmanaged<nint, MemoryGetFdInfoKHR*, int*, Result>)_device.Functions.GetProcAddress("vkGetMemoryFdKHR");
        _device.Check(getDescriptor(_device.Handle.Handle, &info, &descriptor), "vkGetMemoryFdKHR");
        return descriptor;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _device.Forget(this);
        _device.Timeline.WaitForDisposal();
        _device.Vk.DestroyBuffer(_device.Handle, Handle, null);
        _device.Vk.FreeMemory(_device.Handle, _memory, null);
        _device.LiveObjects.Remove(2);
    }

    private DeviceMemory Allocate()
    {
        MemoryRequirements requirements;
        _device.Vk.GetBufferMemoryRequirements(_device.Handle, Handle, &requirements);
        MemorySizeInBytes = (long)requirements.Size;
        MemoryTypeIndex = _device.Allocator.TypeFor(GpuMemoryKind.Device, requirements.MemoryTypeBits);
        // Some drivers share only memory that belongs to one buffer.
        var dedicated = new MemoryDedicatedAllocateInfo { SType = StructureType.MemoryDedicatedAllocateInfo, Buffer = Handle };
        var export = new ExportMemoryAllocateInfo { SType = StructureType.ExportMemoryAllocateInfo, PNext = &dedicated, HandleTypes = GpuSharedHandle.Memory(_kind) };
        var info = new MemoryAllocateInfo
        {
            SType = StructureType.MemoryAllocateInfo,
            PNext = &export,
            AllocationSize = requirements.Size,
            MemoryTypeIndex = (uint)MemoryTypeIndex,
        };
        DeviceMemory memory;
        _device.Check(_device.Vk.AllocateMemory(_device.Handle, &info, null, &memory), "vkAllocateMemory");
        return memory;
    }
}
