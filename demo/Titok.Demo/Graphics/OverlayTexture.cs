using Silk.NET.Vulkan;

namespace Titok.Demo.Graphics;

/// <summary>Text and lines over the pictures, as large as the window; only rows that changed are sent to the device.</summary>
internal sealed unsafe class OverlayTexture : IDisposable
{
    private readonly GraphicsDevice _device;
    private readonly MappedBuffer[] _staging = new MappedBuffer[FrameRing.Slots];
    private bool _isNew = true;

    public OverlayTexture(GraphicsDevice device, int width, int height)
    {
        _device = device;
        Image = new ColorImage(device, width, height, 1, isArray: false, ImageUsageFlags.SampledBit | ImageUsageFlags.TransferDstBit);
        try
        {
            for (int slot = 0; slot < FrameRing.Slots; slot++)
                _staging[slot] = new MappedBuffer(device, 4L * width * height, BufferUsageFlags.TransferSrcBit);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public ColorImage Image { get; }

    /// <summary>Records the way of rows to the device.</summary>
    /// <param name="frame">Frame that shows them first.</param>
    /// <param name="pixels">The whole overlay, RGBA with multiplied alpha.</param>
    /// <param name="firstRow">First row that changed.</param>
    /// <param name="rows">How many; all of them the first time.</param>
    public void Update(Frame frame, ReadOnlySpan<byte> pixels, int firstRow, int rows)
    {
        int stride = 4 * Image.Width;
        pixels.Slice(firstRow * stride, rows * stride).CopyTo(_staging[frame.Slot].Bytes[(firstRow * stride)..]);
        Barriers.Layers(
            _device.Vk, frame.Commands, Image.Handle, 0, 1,
            _isNew ? ImageLayout.Undefined : ImageLayout.ShaderReadOnlyOptimal, PipelineStageFlags.FragmentShaderBit, 0,
            ImageLayout.TransferDstOptimal, PipelineStageFlags.TransferBit, AccessFlags.TransferWriteBit);
        var region = new BufferImageCopy
        {
            BufferOffset = (ulong)(firstRow * stride),
            ImageSubresource = new ImageSubresourceLayers(ImageAspectFlags.ColorBit, 0, 0, 1),
            ImageOffset = new Offset3D(0, firstRow, 0),
            ImageExtent = new Extent3D((uint)Image.Width, (uint)rows, 1),
        };
        _device.Vk.CmdCopyBufferToImage(frame.Commands, _staging[frame.Slot].Handle, Image.Handle, ImageLayout.TransferDstOptimal, 1, &region);
        Barriers.Layers(
            _device.Vk, frame.Commands, Image.Handle, 0, 1,
            ImageLayout.TransferDstOptimal, PipelineStageFlags.TransferBit, AccessFlags.TransferWriteBit,
            ImageLayout.ShaderReadOnlyOptimal, PipelineStageFlags.FragmentShaderBit, AccessFlags.ShaderReadBit);
        _isNew = false;
    }

    public void Dispose()
    {
        Image.Dispose();
        // Not all of them are there where one could not be made.
        foreach (MappedBuffer? buffer in _staging)
            buffer?.Dispose();
    }
}
