using Silk.NET.Vulkan;
using Buffer = Silk.NET.Vulkan.Buffer;

namespace Titok.Demo.Graphics;

/// <summary>A buffer that only the device sees.</summary>
internal sealed unsafe class DeviceBuffer : IDisposable
{
    private readonly GraphicsDevice _device;
    private readonly DeviceMemory _memory;

    public DeviceBuffer(GraphicsDevice device, long sizeInBytes, BufferUsageFlags usage)
    {
        _device = device;
        var info = new BufferCreateInfo { SType = StructureType.BufferCreateInfo, Size = (ulong)sizeInBytes, Usage = usage };
        Buffer buffer;
        VulkanCall.Check(device.Vk.CreateBuffer(device.Handle, &info, null, &buffer));
        Handle = buffer;
        MemoryRequirements requirements;
        device.Vk.GetBufferMemoryRequirements(device.Handle, buffer, &requirements);
        _memory = device.Allocate(requirements, 0, MemoryPropertyFlags.DeviceLocalBit);
        VulkanCall.Check(device.Vk.BindBufferMemory(device.Handle, buffer, _memory, 0));
    }

    public Buffer Handle { get; }

    public void Dispose()
    {
        _device.Vk.DestroyBuffer(_device.Handle, Handle, null);
        _device.Vk.FreeMemory(_device.Handle, _memory, null);
    }
}
