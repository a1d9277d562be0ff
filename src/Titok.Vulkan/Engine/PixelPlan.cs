using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Engine;

/// <summary>Turns a run's planar pictures into tightly packed pixels, in a buffer of their own; or for a run that encodes, pixels into them.</summary>
internal sealed class PixelPlan : IDisposable
{
    private const string Planes = "image", Words = "pixels";

    private readonly GpuBuffer _buffer;

    public PixelPlan(TokenizerEngine engine, TokenizerRun run, PixelLayout layout)
    {
        int size = engine.Spec.ImageSize, batch = run.Batch;
        long sizeInBytes = layout.SizeInBytes(batch, size);
        var graph = new Graph(Words, engine.Profile);
        Tensor planes = graph.External(Planes, DataType.Float32, batch, 3, size, size);
        Tensor words = graph.External(Words, DataType.UInt32, batch, size, size, layout.BytesPerPixel / sizeof(uint));
        if (run.TakesPictures)
            graph.FromPixels(Words, words, planes, layout.Format!.Value, layout.IsLinear);
        else
            graph.ToPixels(Words, planes, words, layout.Format!.Value, layout.IsLinear);
        _buffer = engine.Device.CreateBuffer(sizeInBytes, GpuMemoryKind.Device, Words);
        Pixels = new GpuBufferRange(_buffer, 0, sizeInBytes);
        try
        {
            ExecutionPlan plan = graph.Compile();
            Plan = new PlanInstance(
                engine.Device, plan, null, new Dictionary<string, GpuBufferRange> { [Planes] = run.Image, [Words] = Pixels },
                engine.PixelCosts(run.TakesPictures, layout, batch, plan));
        }
        catch
        {
            _buffer.Dispose();
            throw;
        }
    }

    public PlanInstance Plan { get; }

    /// <summary>The packed pixels of the whole batch.</summary>
    public GpuBufferRange Pixels { get; }

    public void Dispose()
    {
        Plan.Dispose();
        _buffer.Dispose();
    }
}
