using Silk.NET.Vulkan;
using Buffer = Silk.NET.Vulkan.Buffer;

namespace Titok.Demo.Graphics;

/// <summary>All pictures on the device, as layers of one image; whoever is shown has two, to blend between.</summary>
internal sealed unsafe class PictureStore : IDisposable
{
    private readonly GraphicsDevice _device;
    private bool _isNew = true;

    /// <param name="device">Device.</param>
    /// <param name="size">Pixels along a picture's side.</param>
    /// <param name="layers">How many pictures it holds.</param>
    public PictureStore(GraphicsDevice device, int size, int layers)
    {
        (_device, Size) = (device, size);
        Image = new ColorImage(
            device, size, size, layers, isArray: true, ImageUsageFlags.SampledBit | ImageUsageFlags.TransferDstBit | ImageUsageFlags.TransferSrcBit);
    }

    public ColorImage Image { get; }

    /// <summary>Pixels along a picture's side.</summary>
    public int Size { get; }

    public int PictureSizeInBytes => 4 * Size * Size;

    /// <summary>Makes the layers readable before the first frame that shows any.</summary>
    public void Prepare(Frame frame)
    {
        if (!_isNew)
            return;
        Barriers.Layers(
            _device.Vk, frame.Commands, Image.Handle, 0, Image.Layers, ImageLayout.Undefined, PipelineStageFlags.TopOfPipeBit, 0,
            ImageLayout.TransferDstOptimal, PipelineStageFlags.TransferBit, AccessFlags.TransferWriteBit);
        var black = new ClearColorValue(0f, 0f, 0f, 1f);
        var all = new ImageSubresourceRange(ImageAspectFlags.ColorBit, 0, 1, 0, (uint)Image.Layers);
        _device.Vk.CmdClearColorImage(frame.Commands, Image.Handle, ImageLayout.TransferDstOptimal, &black, 1, &all);
        Barriers.Layers(
            _device.Vk, frame.Commands, Image.Handle, 0, Image.Layers, ImageLayout.TransferDstOptimal, PipelineStageFlags.TransferBit, AccessFlags.TransferWriteBit,
            ImageLayout.ShaderReadOnlyOptimal, PipelineStageFlags.FragmentShaderBit, AccessFlags.ShaderReadBit);
        _isNew = false;
    }

    /// <summary>Copies a picture of RGBA bytes from a buffer to a layer. What wrote the buffer must be visible to transfers.</summary>
    public void Put(Frame frame, Buffer source, long offsetInBytes, int layer)
    {
        Barriers.Layers(
            _device.Vk, frame.Commands, Image.Handle, layer, 1, ImageLayout.ShaderReadOnlyOptimal, PipelineStageFlags.FragmentShaderBit | PipelineStageFlags.TransferBit, 0,
            ImageLayout.TransferDstOptimal, PipelineStageFlags.TransferBit, AccessFlags.TransferWriteBit);
        BufferImageCopy region = Region(offsetInBytes, layer);
        _device.Vk.CmdCopyBufferToImage(frame.Commands, source, Image.Handle, ImageLayout.TransferDstOptimal, 1, &region);
        Barriers.Layers(
            _device.Vk, frame.Commands, Image.Handle, layer, 1, ImageLayout.TransferDstOptimal, PipelineStageFlags.TransferBit, AccessFlags.TransferWriteBit,
            ImageLayout.ShaderReadOnlyOptimal, PipelineStageFlags.FragmentShaderBit | PipelineStageFlags.TransferBit, AccessFlags.ShaderReadBit | AccessFlags.TransferReadBit);
    }

    /// <summary>Copies a layer to a buffer that the CPU reads once the frame is done.</summary>
    public void Get(Frame frame, int layer, Buffer target, long offsetInBytes)
    {
        Barriers.Layers(
            _device.Vk, frame.Commands, Image.Handle, layer, 1, ImageLayout.ShaderReadOnlyOptimal, PipelineStageFlags.FragmentShaderBit | PipelineStageFlags.TransferBit, AccessFlags.TransferWriteBit,
            ImageLayout.TransferSrcOptimal, PipelineStageFlags.TransferBit, AccessFlags.TransferReadBit);
        BufferImageCopy region = Region(offsetInBytes, layer);
        _device.Vk.CmdCopyImageToBuffer(frame.Commands, Image.Handle, ImageLayout.TransferSrcOptimal, target, 1, &region);
        Barriers.ForHost(_device.Vk, frame.Commands);
        Barriers.Layers(
            _device.Vk, frame.Commands, Image.Handle, layer, 1, ImageLayout.TransferSrcOptimal, PipelineStageFlags.TransferBit, 0,
            ImageLayout.ShaderReadOnlyOptimal, PipelineStageFlags.FragmentShaderBit | PipelineStageFlags.TransferBit, AccessFlags.ShaderReadBit | AccessFlags.TransferReadBit);
    }

    public void Dispose() => Image.Dispose();

    private BufferImageCopy Region(long offsetInBytes, int layer) => new()
    {
        BufferOffset = (ulong)offsetInBytes,
        ImageSubresource = new ImageSubresourceLayers(ImageAspectFlags.ColorBit, 0, (uint)layer, 1),
        ImageExtent = new Extent3D((uint)Size, (uint)Size, 1),
    };
}
