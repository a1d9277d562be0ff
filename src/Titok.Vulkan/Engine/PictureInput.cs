using Titok.Vulkan.Gpu;

namespace Titok.Vulkan.Engine;

/// <summary>The beginning of a job that takes pictures: brought from where the job's user has them to its run, as planes.</summary>
internal sealed class PictureInput
{
    private readonly TokenizerRun _run;
    private readonly int _size;
    private readonly Action<GpuCommands> _read;
    private GpuBufferRange _pictures;

    public PictureInput(TokenizerRun run, int size)
    {
        (_run, _size) = (run, size);
        _read = commands => Source.Read(commands, _run, _pictures, _size);
    }

    /// <summary>Where from.</summary>
    public PictureSource Source { get; set; } = new MemoryPictureSource();

    /// <summary>Adds what comes before the encoder. What it needs is made now.</summary>
    public void AddTo(JobParts parts)
    {
        PixelPlan? pixels = Source.Pixels.Format is null ? null : _run.Pixels(Source.Pixels);
        _pictures = pixels?.Pixels ?? _run.Image;
        if (Source is MemoryPictureSource)
            _run.Upload(_pictures.SizeInBytes);
        parts.Add(new JobPart(null, _read, 0));
        if (pixels is not null)
            parts.Add(new JobPart(pixels.Plan, null, 0));
    }

    /// <summary>The bytes of a <see cref="MemoryPictureSource"/>: written only while the job is idle.</summary>
    public Span<byte> Bytes
    {
        get
        {
            long sizeInBytes = Source.Pixels.SizeInBytes(_run.Batch, _size);
            return _run.Upload(sizeInBytes).Mapped[..(int)sizeInBytes];
        }
    }
}
