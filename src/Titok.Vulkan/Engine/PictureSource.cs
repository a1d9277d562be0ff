using Titok.Vulkan.Gpu;

namespace Titok.Vulkan.Engine;

/// <summary>Where a job takes its pictures from.</summary>
internal abstract record PictureSource
{
    /// <summary>How they lie there.</summary>
    public PixelLayout Pixels { get; init; }

    /// <summary>Copies pictures to where they lie one after the other, with the barriers that whoever has written them needs.</summary>
    public abstract void Read(GpuCommands commands, TokenizerRun run, GpuBufferRange pictures, int size);
}

/// <summary>A host's image.</summary>
internal sealed record ImagePictureSource(GpuImageRegion Region) : PictureSource
{
    public override void Read(GpuCommands commands, TokenizerRun run, GpuBufferRange pictures, int size) =>
        Region.Read(commands, pictures.Buffer, run.Batch, size, Pixels.BytesPerPixel);
}

/// <summary>Part of a host's buffer.</summary>
internal sealed record BufferPictureSource(GpuHostBufferRange Range) : PictureSource
{
    public override void Read(GpuCommands commands, TokenizerRun run, GpuBufferRange pictures, int size) =>
        Range.Read(commands, pictures);
}

/// <summary>Memory that the host program writes while the job is idle.</summary>
internal sealed record MemoryPictureSource : PictureSource
{
    public override void Read(GpuCommands commands, TokenizerRun run, GpuBufferRange pictures, int size)
    {
        GpuBuffer memory = run.Upload(pictures.SizeInBytes);
        commands.Copy(new GpuBufferRange(memory, 0, pictures.SizeInBytes), pictures);
    }
}
