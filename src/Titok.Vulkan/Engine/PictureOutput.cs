using Titok.Vulkan.Gpu;

namespace Titok.Vulkan.Engine;

/// <summary>The end of a job that makes pictures: its run's pictures as pixels, brought to where the job's user wants them.</summary>
internal sealed class PictureOutput
{
    private readonly TokenizerRun _run;
    private readonly int _size;
    private readonly Action<GpuCommands> _write;
    private GpuBufferRange _pictures;

    public PictureOutput(TokenizerRun run, int size)
    {
        (_run, _size) = (run, size);
        _write = commands =>
        {
            _run.CopyFirstPixels(commands);
            Target?.Write(commands, _run, _pictures, _size);
        };
    }

    /// <summary>Where to; null leaves the pictures on the device.</summary>
    public PictureTarget? Target { get; set; }

    /// <summary>Whether every step's pictures are decoded and brought there, rather than the last step's only.</summary>
    public bool AfterEveryStep { get; set; }

    /// <summary>Adds what comes after the decoder. What it needs is made now.</summary>
    public void AddTo(JobParts parts, int stepsAfter)
    {
        PixelPlan? pixels = Target?.Pixels.Format is null ? null : _run.Pixels(Target.Pixels);
        _pictures = pixels?.Pixels ?? _run.Image;
        if (pixels is not null)
            parts.Add(new JobPart(pixels.Plan, null, stepsAfter));
        if (Target is MemoryPictureTarget)
            _run.Readback(_pictures.SizeInBytes);
        _run.PrepareFirstPixels();
        parts.Add(new JobPart(null, _write, stepsAfter, WritesOutput: Target is not null));
    }

    /// <summary>Throws unless the pictures that the device has decoded last are finite numbers.</summary>
    public void RequireFinite(FiniteResults results, int firstPicture) =>
        results.Require(_run.FirstPixels, _run.Batch, FiniteResults.Pixels, firstPicture);

    /// <summary>The bytes of a <see cref="MemoryPictureTarget"/>, once the device has written them.</summary>
    public ReadOnlySpan<byte> Bytes
    {
        get
        {
            if (Target is not MemoryPictureTarget)
                throw new InvalidOperationException("The job's output does not go to memory.");
            long sizeInBytes = Target.Pixels.SizeInBytes(_run.Batch, _size);
            return _run.Readback(sizeInBytes).Mapped[..(int)sizeInBytes];
        }
    }
}
