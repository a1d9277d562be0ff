using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Engine;

/// <summary>Turns planar pictures into tightly packed pixels of one format, in a buffer of their own.</summary>
internal sealed class PixelPlan : IDisposable
{
    private const string Source = "image", Destination = "pixels";

    public PixelPlan(TokenizerEngine engine, GpuBufferRange image, int batch, PixelFormat format, bool linear)
    {
        int size = engine.Spec.ImageSize;
        BytesPerPixel = format == PixelFormat.Rgba16Float ? 8 : 4;
        var graph = new Graph(Destination, engine.Profile);
        graph.ToPixels(
            Destination,
            graph.External(Source, DataType.Float32, batch, 3, size, size),
            graph.External(Destination, DataType.UInt32, batch, size, size, BytesPerPixel / sizeof(uint)),
            format,
            linear);
        SizeInBytes = (long)batch * size * size * BytesPerPixel;
        Buffer = engine.Device.CreateBuffer(SizeInBytes, GpuMemoryKind.Device, Destination);
        try
        {
            ExecutionPlan plan = graph.Compile();
            Plan = new PlanInstance(
                engine.Device, plan, null, new Dictionary<string, GpuBufferRange> { [Source] = image, [Destination] = Buffer.Whole },
                engine.PixelCosts(batch, plan));
        }
        catch
        {
            Buffer.Dispose();
            throw;
        }
    }

    public PlanInstance Plan { get; }

    public GpuBuffer Buffer { get; }

    public int BytesPerPixel { get; }

    public long SizeInBytes { get; }

    public void Dispose()
    {
        Plan.Dispose();
        Buffer.Dispose();
    }
}
