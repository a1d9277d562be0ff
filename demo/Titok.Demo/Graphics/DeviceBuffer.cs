using Silk.NET.Vulkan;
using Buffer = Silk.NET.Vulkan.Buffer;

namespace Titok.Demo.Graphics;

/// <summary>A buffer on the device.</summary>
internal unsafe class DeviceBuffer : IDisposable
{
    private readonly GraphicsDevice _device;
    private readonly DeviceMemory _memory;

    /// <summary>Makes one that only the device sees.</summary>
    public DeviceBuffer(GraphicsDevice device, long sizeInBytes, BufferUsageFlags usage)
        : this(device, sizeInBytes, usage, 0, MemoryPropertyFlags.DeviceLocalBit)
    {
    }

    /// <param name="device">Device.</param>
    /// <param name="sizeInBytes">Size.</param>
    /// <param name="usage">What the device does with it.</param>
    /// <param name="required">What its memory has to be.</param>
    /// <param name="preferred">What it is to be where the device has such.</param>
    protected DeviceBuffer(GraphicsDevice device, long sizeInBytes, BufferUsageFlags usage, MemoryPropertyFlags required, MemoryPropertyFlags preferred)
    {
        _device = device;
        var info = new BufferCreateInfo { SType = StructureType.BufferCreateInfo, Size = (ulong)sizeInBytes, Usage = usage };
        Buffer buffer;
        VulkanCall.Check(device.Vk.CreateBuffer(device.Handle, &info, null, &buffer));
        Handle = buffer;
        MemoryRequirements requirements;
        device.Vk.GetBufferMemoryRequirements(device.Handle, buffer, &requirements);
        try
        {
            _memory = device.Allocate(requirements, required, preferred);
            VulkanCall.Check(device.Vk.BindBufferMemory(device.Handle, buffer, _memory, 0));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public Buffer Handle { get; }

    protected DeviceMemory Memory => _memory;

    public void Dispose()
    {
        _device.Vk.DestroyBuffer(_device.Handle, Handle, null);
        _device.Vk.FreeMemory(_device.Handle, _memory, null);
    }
}
