using System.Runtime.InteropServices;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Models;

namespace Titok.Vulkan.Engine;

/// <summary>What a tokenizer does in one go.</summary>
internal enum TokenizerWork
{
    Encode,
    EncodeMean,
    EncodeSample,
    Decode,
    DecodeLatents,
}

/// <summary>The memory and the plan of one kind of work for one batch size; one request at a time uses it.</summary>
internal sealed class TokenizerRun : IDisposable
{
    private readonly TokenizerEngine _engine;
    private readonly Dictionary<string, GpuBuffer> _externals = [];
    private readonly Dictionary<PixelLayout, PixelPlan> _pixels = [];
    private GpuBuffer? _readback, _upload, _codesReadback, _firstPixels;

    public TokenizerRun(TokenizerEngine engine, TokenizerWork work, int batch)
    {
        (_engine, Work, Batch) = (engine, work, batch);
        ExecutionPlan plan = engine.Plan(work, batch);
        try
        {
            foreach (Value external in plan.Externals)
                _externals.Add(external.Name, engine.Device.CreateBuffer(ArenaPlanner.Align(external.SizeInBytes), GpuMemoryKind.Device, external.Name));
            Plan = new PlanInstance(
                engine.Device,
                plan,
                engine.Weights,
                plan.Externals.ToDictionary(e => e.Name, e => new GpuBufferRange(_externals[e.Name], 0, e.SizeInBytes)),
                engine.Costs((work, batch), plan));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public TokenizerWork Work { get; }

    public int Batch { get; }

    /// <summary>Whether pictures come in, rather than out.</summary>
    public bool TakesPictures => Work is TokenizerWork.Encode or TokenizerWork.EncodeMean or TokenizerWork.EncodeSample;

    public PlanInstance Plan { get; }

    /// <summary>A buffer of <see cref="TokenizerPlans"/> by its name; of the whole batch.</summary>
    public GpuBuffer this[string external] => _externals[external];

    /// <summary>Token ids [B, K] on the device.</summary>
    public GpuBufferRange Ids => new(_externals[TokenizerPlans.Ids], 0, (long)Batch * _engine.Spec.LatentTokens * sizeof(uint));

    /// <summary>Planar pictures [B, 3, S, S] on the device.</summary>
    public GpuBufferRange Image => new(_externals[TokenizerPlans.Image], 0, (long)Batch * _engine.PictureLength * sizeof(float));

    /// <summary>What makes the pictures pixels of this layout, or such pixels the pictures; made on first use.</summary>
    public PixelPlan Pixels(PixelLayout layout)
    {
        if (!_pixels.TryGetValue(layout, out PixelPlan? pixels))
        {
            pixels = new PixelPlan(_engine, this, layout);
            _pixels.Add(layout, pixels);
        }
        return pixels;
    }

    /// <summary>Memory that the CPU can read, of at least this size; made on first use.</summary>
    public GpuBuffer Readback(long sizeInBytes) => AtLeast(sizeInBytes, ref _readback, GpuMemoryKind.Readback, "pictures to read");

    /// <summary>The same for token ids or latents.</summary>
    public GpuBuffer CodesReadback(long sizeInBytes) => AtLeast(sizeInBytes, ref _codesReadback, GpuMemoryKind.Readback, "codes to read");

    /// <summary>Makes the memory of <see cref="FirstPixels"/>.</summary>
    public void PrepareFirstPixels() => AtLeast(FirstPixelsSizeInBytes, ref _firstPixels, GpuMemoryKind.Readback, "first pixels to read");

    /// <summary>Copies a number of each picture to <see cref="FirstPixels"/>.</summary>
    public void CopyFirstPixels(GpuCommands commands) =>
        commands.CopyFirsts(Image, Batch, new GpuBufferRange(_firstPixels!, 0, FirstPixelsSizeInBytes));

    /// <summary>The first number of each picture, [B], once the device has copied them.</summary>
    public ReadOnlySpan<float> FirstPixels => MemoryMarshal.Cast<byte, float>(_firstPixels!.Mapped)[..Batch];

    /// <summary>Memory that the CPU can write, of at least this size; made on first use.</summary>
    public GpuBuffer Upload(long sizeInBytes) => AtLeast(sizeInBytes, ref _upload, GpuMemoryKind.Upload, "input to copy");

    public void Dispose()
    {
        foreach (PixelPlan pixels in _pixels.Values)
            pixels.Dispose();
        _pixels.Clear();
        _readback?.Dispose();
        _upload?.Dispose();
        _codesReadback?.Dispose();
        _firstPixels?.Dispose();
        // Not there where the constructor failed.
        Plan?.Dispose();
        foreach (GpuBuffer buffer in _externals.Values)
            buffer.Dispose();
        _externals.Clear();
    }

    private long FirstPixelsSizeInBytes => (long)Batch * sizeof(float);

    private GpuBuffer AtLeast(long sizeInBytes, ref GpuBuffer? buffer, GpuMemoryKind kind, string name)
    {
        if (buffer is null || buffer.SizeInBytes < sizeInBytes)
        {
            buffer?.Dispose();
            // Should making it fail, the one that is gone must not be handed out.
            buffer = null;
            buffer = _engine.Device.CreateBuffer(ArenaPlanner.Align(sizeInBytes), kind, name);
        }
        return buffer;
    }
}
