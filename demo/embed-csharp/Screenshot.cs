using Silk.NET.Vulkan;
using SkiaSharp;
using VkBuffer = Silk.NET.Vulkan.Buffer;

namespace Titok.EmbedSample;

/// <summary>Brings a picture to where the CPU can look at it.</summary>
internal sealed unsafe class Screenshot : IDisposable
{
    private readonly Renderer _renderer;
    private readonly uint _size;
    private readonly VkBuffer _buffer;
    private readonly DeviceMemory _memory;
    private readonly void* _mapped;

    public Screenshot(Renderer renderer, uint size)
    {
        (_renderer, _size) = (renderer, size);
        var info = new BufferCreateInfo { SType = StructureType.BufferCreateInfo, Size = size * size * 4, Usage = BufferUsageFlags.TransferDstBit };
        VkBuffer buffer;
        Renderer.Check(renderer.Vk.CreateBuffer(renderer.Device, &info, null, &buffer));
        _buffer = buffer;
        MemoryRequirements requirements;
        renderer.Vk.GetBufferMemoryRequirements(renderer.Device, buffer, &requirements);
        _memory = renderer.Allocate(requirements, MemoryPropertyFlags.HostVisibleBit | MemoryPropertyFlags.HostCoherentBit);
        Renderer.Check(renderer.Vk.BindBufferMemory(renderer.Device, buffer, _memory, 0));
        void* mapped;
        Renderer.Check(renderer.Vk.MapMemory(renderer.Device, _memory, 0, Vk.WholeSize, 0, &mapped));
        _mapped = mapped;
    }

    /// <summary>Copies a picture that is in the layout of a copy's source.</summary>
    public void Copy(CommandBuffer commands, Picture picture)
    {
        var region = new BufferImageCopy
        {
            ImageSubresource = new ImageSubresourceLayers(ImageAspectFlags.ColorBit, 0, 0, 1),
            ImageExtent = new Extent3D(_size, _size, 1),
        };
        _renderer.Vk.CmdCopyImageToBuffer(commands, picture.Image, ImageLayout.TransferSrcOptimal, _buffer, 1, &region);
        var barrier = new MemoryBarrier { SType = StructureType.MemoryBarrier, SrcAccessMask = AccessFlags.TransferWriteBit, DstAccessMask = AccessFlags.HostReadBit };
        _renderer.Vk.CmdPipelineBarrier(commands, PipelineStageFlags.TransferBit, PipelineStageFlags.HostBit, 0, 1, &barrier, 0, null, 0, null);
    }

    /// <summary>What the last finished copy brought.</summary>
    public SKBitmap Read()
    {
        var bitmap = new SKBitmap(new SKImageInfo((int)_size, (int)_size, SKColorType.Rgba8888, SKAlphaType.Opaque));
        new Span<byte>(_mapped, (int)(_size * _size * 4)).CopyTo(new Span<byte>((void*)bitmap.GetPixels(), bitmap.ByteCount));
        return bitmap;
    }

    public void Dispose()
    {
        _renderer.Vk.DestroyBuffer(_renderer.Device, _buffer, null);
        _renderer.Vk.FreeMemory(_renderer.Device, _memory, null);
    }
}
