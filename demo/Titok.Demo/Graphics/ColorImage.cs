using Silk.NET.Vulkan;

namespace Titok.Demo.Graphics;

/// <summary>An image of 8-bit colours on the device, with one or more layers.</summary>
internal sealed unsafe class ColorImage : IDisposable
{
    private readonly GraphicsDevice _device;
    private readonly DeviceMemory _memory;

    public ColorImage(GraphicsDevice device, int width, int height, int layers, bool isArray, ImageUsageFlags usage, Format format = Format.R8G8B8A8Unorm)
    {
        (_device, Width, Height, Layers) = (device, width, height, layers);
        var info = new ImageCreateInfo
        {
            SType = StructureType.ImageCreateInfo,
            ImageType = ImageType.Type2D,
            Format = format,
            Extent = new Extent3D((uint)width, (uint)height, 1),
            MipLevels = 1,
            ArrayLayers = (uint)layers,
            Samples = SampleCountFlags.Count1Bit,
            Tiling = ImageTiling.Optimal,
            Usage = usage,
        };
        Image image;
        VulkanCall.Check(device.Vk.CreateImage(device.Handle, &info, null, &image));
        Handle = image;
        MemoryRequirements requirements;
        device.Vk.GetImageMemoryRequirements(device.Handle, image, &requirements);
        try
        {
            _memory = device.Allocate(requirements, 0, MemoryPropertyFlags.DeviceLocalBit);
            VulkanCall.Check(device.Vk.BindImageMemory(device.Handle, image, _memory, 0));
            View = device.CreateView(image, format, isArray, layers);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public Image Handle { get; }

    public ImageView View { get; }

    public int Width { get; }

    public int Height { get; }

    public int Layers { get; }

    public void Dispose()
    {
        _device.Vk.DestroyImageView(_device.Handle, View, null);
        _device.Vk.DestroyImage(_device.Handle, Handle, null);
        _device.Vk.FreeMemory(_device.Handle, _memory, null);
    }
}
