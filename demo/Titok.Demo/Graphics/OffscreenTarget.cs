using Silk.NET.Vulkan;

namespace Titok.Demo.Graphics;

/// <summary>A frame without a display, copied to where the CPU can read it.</summary>
internal sealed unsafe class OffscreenTarget : IFrameTarget
{
    private readonly GraphicsDevice _device;
    private readonly ColorImage _image;
    private readonly MappedBuffer _pixels;

    public OffscreenTarget(GraphicsDevice device, int width, int height)
    {
        _device = device;
        _image = new ColorImage(device, width, height, 1, isArray: false, ImageUsageFlags.ColorAttachmentBit | ImageUsageFlags.TransferSrcBit);
        try
        {
            _pixels = new MappedBuffer(device, 4L * width * height, BufferUsageFlags.TransferDstBit, isRead: true);
        }
        catch
        {
            _image.Dispose();
            throw;
        }
        Views = [_image.View];
    }

    public int Width => _image.Width;

    public int Height => _image.Height;

    public Format Format => Format.R8G8B8A8Unorm;

    public ImageLayout FinalLayout => ImageLayout.TransferSrcOptimal;

    public IReadOnlyList<ImageView> Views { get; }

    public int Generation => 0;

    public bool SignalsAcquired => false;

    /// <summary>The last frame, RGBA, once it is done.</summary>
    public ReadOnlySpan<byte> Pixels => _pixels.Bytes;

    public int? Acquire(Silk.NET.Vulkan.Semaphore acquired) => 0;

    public Silk.NET.Vulkan.Semaphore Drawn(int image) => default;

    public void AfterDrawing(CommandBuffer commands, int image)
    {
        var region = new BufferImageCopy
        {
            ImageSubresource = new ImageSubresourceLayers(ImageAspectFlags.ColorBit, 0, 0, 1),
            ImageExtent = new Extent3D((uint)Width, (uint)Height, 1),
        };
        _device.Vk.CmdCopyImageToBuffer(commands, _image.Handle, ImageLayout.TransferSrcOptimal, _pixels.Handle, 1, &region);
        Barriers.ForHost(_device.Vk, commands);
    }

    public void Present(int image)
    {
    }

    public void Dispose()
    {
        _image.Dispose();
        _pixels.Dispose();
    }
}
