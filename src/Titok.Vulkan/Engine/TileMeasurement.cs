using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Engine;

/// <summary>Which tile a device multiplies large products by the fastest; null where its memory is too short to find out.</summary>
internal static class TileMeasurement
{
    private const int Rows = 4096, Inner = 1024, Columns = 2048;
    private const int Pictures = 4, Size = 64, Channels = 128;

    /// <summary>Products a submission, and least submissions of each tile; the quickest counts.</summary>
    private const int Products = 16, LeastRuns = 10;

    /// <summary>For how long at the least: a GPU that was idle takes a while to come to its full clock.</summary>
    private const double LeastSeconds = 0.4;

    public static MatrixTile? FastestLinear(GpuDevice device, MatrixUnit unit, IReadOnlyList<MatrixTile> tiles) => Fastest(device, tiles, tile =>
    {
        var graph = new Graph("linear tile", new KernelProfile(KernelForm.Matrix, DataType.Float16) { Unit = unit });
        Tensor x = graph.External("x", DataType.Float16, Rows, Inner);
        Tensor weight = graph.External("weight", DataType.Float16, Columns, Inner);
        Tensor y = graph.External("y", DataType.Float16, Rows, Columns);
        return LinearKernel.CreateBare(graph.Profile, x, weight, y, new TilePlan(tile, 1));
    });

    /// <summary>Of those that a picture's last and largest feature maps fill, where there are any.</summary>
    public static MatrixTile? FastestConvolution(GpuDevice device, MatrixUnit unit, IReadOnlyList<MatrixTile> tiles) =>
        Fastest(device, tiles.Any(t => t.Columns(unit) <= Channels) ? [.. tiles.Where(t => t.Columns(unit) <= Channels)] : tiles, tile =>
        {
            var graph = new Graph("convolution tile", new KernelProfile(KernelForm.Matrix, DataType.Float16) { Unit = unit });
            Tensor x = graph.External("x", DataType.Float16, Pictures, Size, Size, Channels);
            Tensor weight = graph.External("weight", DataType.Float16, Channels, 9, Channels);
            Tensor y = graph.External("y", DataType.Float16, Pictures, Size, Size, Channels);
            GemmVariant variant = Conv3x3Kernel.Variant(graph.Profile, x, y.Shape, upsample: false, new TilePlan(tile, 1));
            return Conv3x3Kernel.Create(graph.Profile, x, weight, default, y, y.Shape, upsample: false, null, variant);
        });

    private static MatrixTile? Fastest(GpuDevice device, IReadOnlyList<MatrixTile> tiles, Func<MatrixTile, KernelCall> create)
    {
        if (tiles.Count == 1)
            return tiles[0];
        var runs = new List<ScratchRun>();
        try
        {
            // All are made first, so that the device has no time to slow down between them.
            foreach (MatrixTile tile in tiles)
                runs.Add(new ScratchRun(device, [.. Enumerable.Repeat(create(tile), Products)]));
            var seconds = new double[runs.Count];
            Array.Fill(seconds, double.PositiveInfinity);
            double all = 0;
            for (int run = 0; run < LeastRuns || all < LeastSeconds; run++)
            {
                for (int i = 0; i < runs.Count; i++)
                {
                    double took = runs[i].Run();
                    seconds[i] = Math.Min(seconds[i], took);
                    all += took;
                }
            }
            return tiles[Array.IndexOf(seconds, seconds.Min())];
        }
        catch (OutOfDeviceMemoryException)
        {
            return null;
        }
        finally
        {
            foreach (ScratchRun run in runs)
                run.Dispose();
        }
    }
}
