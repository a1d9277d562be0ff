using Titok.Vulkan.Gpu;

namespace Titok.Vulkan.Engine;

/// <summary>Where a job puts its pictures.</summary>
internal abstract record PictureTarget
{
    /// <summary>How they lie there.</summary>
    public PixelLayout Pixels { get; init; }

    /// <summary>Copies pictures, which lie one after the other, with the barriers that whoever reads them needs.</summary>
    public abstract void Write(GpuCommands commands, TokenizerRun run, GpuBufferRange pictures, int size);
}

/// <summary>A host's image.</summary>
internal sealed record ImagePictureTarget(GpuImageRegion Region) : PictureTarget
{
    public override void Write(GpuCommands commands, TokenizerRun run, GpuBufferRange pictures, int size) =>
        Region.Write(commands, pictures.Buffer, run.Batch, size, Pixels.BytesPerPixel);
}

/// <summary>Part of a host's buffer, which may be released to another device.</summary>
internal sealed record BufferPictureTarget(GpuHostBufferRange Range, bool IsReleased) : PictureTarget
{
    public override void Write(GpuCommands commands, TokenizerRun run, GpuBufferRange pictures, int size) =>
        Range.Write(commands, pictures, IsReleased);
}

/// <summary>Memory that the host program reads once the job is finished.</summary>
internal sealed record MemoryPictureTarget : PictureTarget
{
    public override void Write(GpuCommands commands, TokenizerRun run, GpuBufferRange pictures, int size)
    {
        GpuBuffer memory = run.Readback(pictures.SizeInBytes);
        commands.Copy(pictures, new GpuBufferRange(memory, 0, pictures.SizeInBytes));
    }
}
