using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>Device memory by vkAllocateMemory.</summary>
internal sealed unsafe class DriverMemorySource(GpuDevice device, PhysicalDeviceMemoryProperties properties) : IGpuMemorySource
{
    public GpuSourcedMemory Allocate(long sizeInBytes, uint memoryTypeIndex, bool hasDeviceAddress, string purpose)
    {
        var flags = new MemoryAllocateFlagsInfo
        {
            SType = StructureType.MemoryAllocateFlagsInfo,
            Flags = MemoryAllocateFlags.DeviceAddressBit,
        };
        var info = new MemoryAllocateInfo
        {
            SType = StructureType.MemoryAllocateInfo,
            PNext = hasDeviceAddress ? &flags : null,
            AllocationSize = (ulong)sizeInBytes,
            MemoryTypeIndex = memoryTypeIndex,
        };
        DeviceMemory memory;
        Result result = device.Vk.AllocateMemory(device.Handle, &info, null, &memory);
        if (result is Result.ErrorOutOfDeviceMemory or Result.ErrorOutOfHostMemory or Result.ErrorTooManyObjects)
            return default;
        device.Check(result, "vkAllocateMemory");
        void* mapped = null;
        if (properties.MemoryTypes[(int)memoryTypeIndex].PropertyFlags.HasFlag(MemoryPropertyFlags.HostVisibleBit))
        {
            result = device.Vk.MapMemory(device.Handle, memory, 0, Vk.WholeSize, 0, &mapped);
            if (result != Result.Success)
                device.Vk.FreeMemory(device.Handle, memory, null);
            device.Check(result, "vkMapMemory");
        }
        return new GpuSourcedMemory(memory.Handle, 0, (nint)mapped, 0);
    }

    // Freeing unmaps.
    public void Free(GpuSourcedMemory memory) => device.Vk.FreeMemory(device.Handle, new DeviceMemory(memory.Memory), null);
}
