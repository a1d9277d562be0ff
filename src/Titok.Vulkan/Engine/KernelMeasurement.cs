using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Engine;

/// <summary>
/// Which tile a device multiplies large products by the fastest, and which form attends the fastest; null where its memory is
/// too short to find out.
/// </summary>
/// <param name="device">To measure on.</param>
/// <param name="unit">Its matrix units.</param>
/// <param name="isBrief">Whether a small run of each will do, which shows that all of it works and decides by chance.</param>
internal sealed class KernelMeasurement(GpuDevice device, MatrixUnit unit, bool isBrief = false)
{
    private const int Inner = 1024, Columns = 2048, Channels = 128, Heads = 16;

    /// <summary>For how long tiles are measured at the least: a GPU that was idle takes a while to come to its full clock.</summary>
    private const double TileSeconds = 0.4;

    /// <summary>For how long attention is, which comes after them.</summary>
    private const double AttentionSeconds = 0.1;

    /// <summary>Calls a submission, and least submissions of each kernel; the quickest counts.</summary>
    private readonly int _calls = isBrief ? 1 : 16, _leastRuns = isBrief ? 1 : 10;

    private readonly KernelProfile _profile = new(KernelForm.Matrix, DataType.Float16) { Unit = unit };

    public MatrixTile? FastestLinear(IReadOnlyList<MatrixTile> tiles) => Fastest(tiles, TileSeconds, tile =>
    {
        int rows = isBrief ? 64 : 4096;
        var graph = new Graph("linear tile", _profile);
        Tensor x = graph.External("x", DataType.Float16, rows, Inner);
        Tensor weight = graph.External("weight", DataType.Float16, Columns, Inner);
        Tensor y = graph.External("y", DataType.Float16, rows, Columns);
        return LinearKernel.CreateBare(_profile, x, weight, y, new TilePlan(tile, 1));
    });

    /// <summary>Of those that a picture's last and largest feature maps fill, where there are any.</summary>
    public MatrixTile? FastestConvolution(IReadOnlyList<MatrixTile> tiles) =>
        Fastest(tiles.Any(t => t.Columns(unit) <= Channels) ? [.. tiles.Where(t => t.Columns(unit) <= Channels)] : tiles, TileSeconds, tile =>
        {
            (int pictures, int size) = isBrief ? (1, 8) : (4, 64);
            var graph = new Graph("convolution tile", _profile);
            Tensor x = graph.External("x", DataType.Float16, pictures, size, size, Channels);
            Tensor weight = graph.External("weight", DataType.Float16, Channels, 9, Channels);
            Tensor y = graph.External("y", DataType.Float16, pictures, size, size, Channels);
            GemmVariant variant = Conv3x3Kernel.Variant(_profile, x, y.Shape, upsample: false, new TilePlan(tile, 1));
            return Conv3x3Kernel.Create(_profile, x, weight, default, y, y.Shape, upsample: false, null, variant);
        });

    /// <summary>Over few tokens: a generator's of 32 pictures with guidance.</summary>
    public AttentionForm? FastestShortAttention(IReadOnlyList<AttentionForm> forms) => FastestAttention(forms, batch: 64, tokens: 33, headDim: 48);

    /// <summary>Over many tokens: a tokenizer's of 16 pictures.</summary>
    public AttentionForm? FastestLongAttention(IReadOnlyList<AttentionForm> forms) => FastestAttention(forms, batch: 16, tokens: 289, headDim: 64);

    private AttentionForm? FastestAttention(IReadOnlyList<AttentionForm> forms, int batch, int tokens, int headDim) =>
        Fastest([.. forms.Cast<AttentionForm?>()], AttentionSeconds, form =>
        {
            int heads = isBrief ? 1 : Heads;
            var graph = new Graph("attention", _profile with { Unit = unit.With(form!.Value) });
            Tensor qkv = graph.External("qkv", DataType.Float16, isBrief ? 1 : batch, tokens, 3 * heads * headDim);
            Tensor y = graph.External("y", DataType.Float16, isBrief ? 1 : batch, tokens, heads * headDim);
            return AttentionKernel.Create(graph.Profile, qkv, y, heads);
        });

    private T? Fastest<T>(IReadOnlyList<T> choices, double leastSeconds, Func<T, KernelCall> create)
    {
        if (choices.Count == 1)
            return choices[0];
        var runs = new List<ScratchRun>();
        try
        {
            // All are made first, so that the device has no time to slow down between them.
            foreach (T choice in choices)
                runs.Add(new ScratchRun(device, [.. Enumerable.Repeat(create(choice), _calls)]));
            var seconds = new double[runs.Count];
            Array.Fill(seconds, double.PositiveInfinity);
            double all = 0;
            for (int run = 0; run < _leastRuns || (all < leastSeconds && !isBrief); run++)
            {
                for (int i = 0; i < runs.Count; i++)
                {
                    double took = runs[i].Run();
                    seconds[i] = Math.Min(seconds[i], took);
                    all += took;
                }
            }
            return choices[Array.IndexOf(seconds, seconds.Min())];
        }
        catch (OutOfDeviceMemoryException)
        {
            return default;
        }
        finally
        {
            foreach (ScratchRun run in runs)
                run.Dispose();
        }
    }
}
