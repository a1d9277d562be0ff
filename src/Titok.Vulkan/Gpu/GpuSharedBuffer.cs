using Silk.NET.Vulkan;
using VkBuffer = Silk.NET.Vulkan.Buffer;

namespace Titok.Vulkan.Gpu;

/// <summary>A buffer whose memory other devices and interfaces can import. Its memory is its own, never part of a block.</summary>
internal sealed unsafe class GpuSharedBuffer : GpuSharedObject
{
    public const BufferUsageFlags Usage = BufferUsageFlags.TransferDstBit | BufferUsageFlags.TransferSrcBit;

    private readonly DeviceMemory _memory;

    public GpuSharedBuffer(GpuDevice device, long sizeInBytes, TitokHandleType handleType)
        : base(device, handleType)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sizeInBytes, 1);
        if (GpuSharedHandle.WhyNoBuffers(device, handleType) is { } missing)
            throw Refusal(device, "buffers", handleType, missing);
        GpuBuffer.CheckSize(device, sizeInBytes, "shared buffer");
        SizeInBytes = sizeInBytes;
        var external = new ExternalMemoryBufferCreateInfo { SType = StructureType.ExternalMemoryBufferCreateInfo, HandleTypes = GpuSharedHandle.Memory(handleType) };
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

    protected override string Exported => "Memory";

    protected override Result GetDescriptor(nint function, int* descriptor)
    {
        var info = new MemoryGetFdInfoKHR { SType = StructureType.MemoryGetFDInfoKhr, Memory = _memory, HandleType = GpuSharedHandle.Memory(HandleType) };
        return ((delegate* unmanaged<nint, MemoryGetFdInfoKHR*, int*, Result>)function)(Device.Handle.Handle, &info, descriptor);
    }

    protected override Result GetWin32Handle(nint function, nint* handle)
    {
        var info = new MemoryGetWin32HandleInfoKHR { SType = StructureType.MemoryGetWin32HandleInfoKhr, Memory = _memory, HandleType = GpuSharedHandle.Memory(HandleType) };
        return ((delegate* unmanaged<nint, MemoryGetWin32HandleInfoKHR*, nint*, Result>)function)(Device.Handle.Handle, &info, handle);
    }

    protected override void Destroy()
    {
        Device.Vk.DestroyBuffer(Device.Handle, Handle, null);
        Device.Vk.FreeMemory(Device.Handle, _memory, null);
        Device.LiveObjects.Remove(2);
    }

    private DeviceMemory Allocate()
    {
        MemoryRequirements requirements;
        Device.Vk.GetBufferMemoryRequirements(Device.Handle, Handle, &requirements);
        MemorySizeInBytes = (long)requirements.Size;
        MemoryTypeIndex = Device.Allocator.TypeFor(GpuMemoryKind.Device, requirements.MemoryTypeBits);
        // Some drivers share only memory that belongs to one buffer.
        var dedicated = new MemoryDedicatedAllocateInfo { SType = StructureType.MemoryDedicatedAllocateInfo, Buffer = Handle };
        var export = new ExportMemoryAllocateInfo { SType = StructureType.ExportMemoryAllocateInfo, PNext = &dedicated, HandleTypes = GpuSharedHandle.Memory(HandleType) };
        var info = new MemoryAllocateInfo
        {
            SType = StructureType.MemoryAllocateInfo,
            PNext = &export,
            AllocationSize = requirements.Size,
            MemoryTypeIndex = (uint)MemoryTypeIndex,
        };
        DeviceMemory memory;
        Device.Check(Device.Vk.AllocateMemory(Device.Handle, &info, null, &memory), "vkAllocateMemory");
        return memory;
    }
}
