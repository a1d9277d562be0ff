using Silk.NET.Vulkan;

namespace Titok.EmbedSample;

/// <summary>An image of the renderer's with its memory and view.</summary>
internal sealed unsafe class Picture : IDisposable
{
    private readonly Renderer _renderer;
    private readonly DeviceMemory _memory;

    public Picture(Renderer renderer, uint size, ImageUsageFlags usage)
    {
        _renderer = renderer;
        var info = new ImageCreateInfo
        {
            SType = StructureType.ImageCreateInfo,
            ImageType = ImageType.Type2D,
            Format = Format,
            Extent = new Extent3D(size, size, 1),
            MipLevels = 1,
            ArrayLayers = 1,
            Samples = SampleCountFlags.Count1Bit,
            Usage = usage,
        };
        Image image;
        Renderer.Check(renderer.Vk.CreateImage(renderer.Device, &info, null, &image));
        Image = image;
        MemoryRequirements requirements;
        renderer.Vk.GetImageMemoryRequirements(renderer.Device, image, &requirements);
        _memory = renderer.Allocate(requirements, MemoryPropertyFlags.DeviceLocalBit);
        Renderer.Check(renderer.Vk.BindImageMemory(renderer.Device, image, _memory, 0));
        var viewInfo = new ImageViewCreateInfo
        {
            SType = StructureType.ImageViewCreateInfo,
            Image = image,
            ViewType = ImageViewType.Type2D,
            Format = Format,
            SubresourceRange = new ImageSubresourceRange(ImageAspectFlags.ColorBit, 0, 1, 0, 1),
        };
        ImageView view;
        Renderer.Check(renderer.Vk.CreateImageView(renderer.Device, &viewInfo, null, &view));
        View = view;
    }

    public const Format Format = Silk.NET.Vulkan.Format.R8G8B8A8Unorm;

    public Image Image { get; }

    public ImageView View { get; }

    public void Dispose()
    {
        _renderer.Vk.DestroyImageView(_renderer.Device, View, null);
        _renderer.Vk.DestroyImage(_renderer.Device, Image, null);
        _renderer.Vk.FreeMemory(_renderer.Device, _memory, null);
    }
}
