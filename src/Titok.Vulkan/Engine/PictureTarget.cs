using Titok.Vulkan.Gpu;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Engine;

/// <summary>Where a job puts its pictures.</summary>
internal abstract record PictureTarget
{
    /// <summary>How a pixel is packed; null for the planar floats as they are.</summary>
    public PixelFormat? Format { get; init; }

    /// <summary>Whether the colours are made linear light.</summary>
    public bool IsLinear { get; init; }

    /// <summary>Bytes of so many pictures.</summary>
    public long SizeInBytes(int pictures, int size) => (long)pictures * size * size * BytesPerPixel;

    protected int BytesPerPixel => Format switch
    {
        null => 3 * sizeof(float),
        PixelFormat.Rgba16Float => 8,
        _ => 4,
    };

    /// <summary>Copies pictures, which lie one after the other, with the barriers that whoever reads them needs.</summary>
    public abstract void Write(GpuCommands commands, TokenizerRun run, GpuBufferRange pictures, int count, int size);
}

/// <summary>A host's image.</summary>
internal sealed record ImagePictureTarget(GpuImageTarget Target) : PictureTarget
{
    public override void Write(GpuCommands commands, TokenizerRun run, GpuBufferRange pictures, int count, int size) =>
        Target.Copy(commands, pictures.Buffer, count, size, BytesPerPixel);
}

/// <summary>Part of a host's buffer.</summary>
internal sealed record BufferPictureTarget(ulong Buffer, long OffsetInBytes) : PictureTarget
{
    public override void Write(GpuCommands commands, TokenizerRun run, GpuBufferRange pictures, int count, int size)
    {
        commands.BarrierFromHost();
        commands.CopyToHost(pictures, Buffer, OffsetInBytes);
        commands.BarrierToHost();
    }
}

/// <summary>Memory that the host program reads once the job is finished.</summary>
internal sealed record MemoryPictureTarget : PictureTarget
{
    public override void Write(GpuCommands commands, TokenizerRun run, GpuBufferRange pictures, int count, int size)
    {
        GpuBuffer memory = run.Readback(pictures.SizeInBytes);
        commands.Copy(pictures, new GpuBufferRange(memory, 0, pictures.SizeInBytes));
    }
}
