using Silk.NET.Vulkan;
using Buffer = Silk.NET.Vulkan.Buffer;

namespace Titok.Demo.Graphics;

/// <summary>A buffer that the CPU writes or reads through a mapping that lasts as long as it does.</summary>
internal sealed unsafe class MappedBuffer : IDisposable
{
    private readonly GraphicsDevice _device;
    private readonly DeviceMemory _memory;
    private readonly void* _mapping;

    /// <param name="device">Device.</param>
    /// <param name="sizeInBytes">Size.</param>
    /// <param name="usage">What the device does with it.</param>
    /// <param name="isRead">Whether the CPU reads it, which wants cached memory.</param>
    public MappedBuffer(GraphicsDevice device, long sizeInBytes, BufferUsageFlags usage, bool isRead = false)
    {
        (_device, SizeInBytes) = (device, sizeInBytes);
        var info = new BufferCreateInfo { SType = StructureType.BufferCreateInfo, Size = (ulong)sizeInBytes, Usage = usage };
        Buffer buffer;
        VulkanCall.Check(device.Vk.CreateBuffer(device.Handle, &info, null, &buffer));
        Handle = buffer;
        MemoryRequirements requirements;
        device.Vk.GetBufferMemoryRequirements(device.Handle, buffer, &requirements);
        MemoryPropertyFlags always = MemoryPropertyFlags.HostVisibleBit | MemoryPropertyFlags.HostCoherentBit;
        _memory = device.Allocate(requirements, always, isRead ? MemoryPropertyFlags.HostCachedBit : MemoryPropertyFlags.DeviceLocalBit);
        VulkanCall.Check(device.Vk.BindBufferMemory(device.Handle, buffer, _memory, 0));
        void* mapping;
        VulkanCall.Check(device.Vk.MapMemory(device.Handle, _memory, 0, Vk.WholeSize, 0, &mapping));
        _mapping = mapping;
    }

    public Buffer Handle { get; }

    public long SizeInBytes { get; }

    public Span<byte> Bytes => new(_mapping, checked((int)SizeInBytes));

    public void Dispose()
    {
        _device.Vk.DestroyBuffer(_device.Handle, Handle, null);
        _device.Vk.FreeMemory(_device.Handle, _memory, null);
    }
}
