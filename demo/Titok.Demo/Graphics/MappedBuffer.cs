using Silk.NET.Vulkan;

namespace Titok.Demo.Graphics;

/// <summary>A buffer that the CPU writes or reads through a mapping that lasts as long as it does.</summary>
internal sealed unsafe class MappedBuffer : DeviceBuffer
{
    private readonly void* _mapping;

    /// <param name="device">Device.</param>
    /// <param name="sizeInBytes">Size.</param>
    /// <param name="usage">What the device does with it.</param>
    /// <param name="isRead">Whether the CPU reads it, which wants cached memory.</param>
    public MappedBuffer(GraphicsDevice device, long sizeInBytes, BufferUsageFlags usage, bool isRead = false)
        : base(
            device, sizeInBytes, usage, MemoryPropertyFlags.HostVisibleBit | MemoryPropertyFlags.HostCoherentBit,
            isRead ? MemoryPropertyFlags.HostCachedBit : MemoryPropertyFlags.DeviceLocalBit)
    {
        SizeInBytes = sizeInBytes;
        void* mapping;
        Result mapped = device.Vk.MapMemory(device.Handle, Memory, 0, Vk.WholeSize, 0, &mapping);
        if (mapped != Result.Success)
            Dispose();
        VulkanCall.Check(mapped, "Vk.MapMemory()");
        _mapping = mapping;
    }

    public long SizeInBytes { get; }

    public Span<byte> Bytes => new(_mapping, checked((int)SizeInBytes));
}
