using System.Numerics;
using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Engine;

/// <summary>
/// Which tile a device multiplies large products by the fastest, whether its warpgroup kernels are faster, and which form
/// attends the fastest; null where its memory is too short to find out, or its driver refuses all of them.
/// </summary>
/// <param name="device">To measure on.</param>
/// <param name="unit">Its matrix units, or what takes their place.</param>
/// <param name="options">How; in brief a small run of two of each will do.</param>
internal sealed class KernelMeasurement(GpuDevice device, GemmUnit unit, SearchOptions options)
{
    /// <summary>Tokenizer L's transformers, the pixel decoder's last feature maps.</summary>
    private const int Tokens = 289, Width = 1024, MlpWidth = 4096, Heads = 16, Channels = 128, Size = 128;

    /// <summary>How often each kernel is submitted at the least, where that takes no longer than it may; the quickest counts.</summary>
    private const int LeastRuns = 10;

    /// <summary>After how long no more rounds are begun: who loads a model waits for it.</summary>
    private const double MaxSeconds = 2;

    /// <summary>For how long tiles are measured at the least: a GPU that was idle takes a while to come to its full clock.</summary>
    private const double TileSeconds = 0.4;

    /// <summary>For how long what comes after them is.</summary>
    private const double LaterSeconds = 0.1;

    /// <summary>
    /// Pictures that linear layers and convolutions are measured on. Without matrix units one, in a submission of its own, so that a slow
    /// GPU is done with it before its driver gives it up for lost. Few also on GPUs other than cards.
    /// </summary>
    private readonly (int Linear, int Convolution) _pictures =
        unit.Form != KernelForm.Matrix ? (1, 1) : device.Physical.Type == TitokDeviceType.Discrete ? (32, 8) : (4, 1);

    private readonly KernelProfile _profile = KernelProfile.Of(unit);

    private bool IsBrief => options.IsBrief;

    private int LinearRows => IsBrief ? 64 : _pictures.Linear * Tokens;

    /// <summary>By the larger two linear layers of a block.</summary>
    public GemmTile? FastestLinear(IReadOnlyList<GemmTile> tiles)
    {
        Func<Func<int, int, GemmVariant>, KernelCall[]> calls = Linears(LinearRows);
        return Fastest(tiles, TileSeconds, repeats: 2, tile => calls((inner, columns) => Linear(tile, inner, columns)));
    }

    /// <summary>
    /// Whether linear layers are faster by a block of the warpgroup kernels than by the matrix kernels: those of the networks whose rows it
    /// fits, or large ones.
    /// </summary>
    /// <param name="block">The block.</param>
    /// <param name="tile">For large products; small ones are given the tile that suits them.</param>
    public bool? IsLinearFasterByWarpgroups(WarpgroupBlock block, GemmTile tile)
    {
        if (!block.MayJoin)
        {
            Func<Func<int, int, GemmVariant>, KernelCall[]> large = Linears(LinearRows);
            return Fastest<bool?>([false, true], TileSeconds, repeats: 2, byWarpgroups => large((inner, columns) =>
                byWarpgroups == true ? GemmVariant.ForWarpgroups("linear", block) : Linear(tile, inner, columns)));
        }
        GemmUnit tiles = unit with { LinearTile = tile, LinearBlocks = 0 }, blocks = tiles with { LinearBlocks = 1 << WarpgroupBlock.Linears.IndexOf(block) };
        return Fastest<bool?>([false, true], LaterSeconds, repeats: 4, byWarpgroups => Layer(
            _profile with { Unit = byWarpgroups == true ? blocks : tiles }, IsBrief ? 8 : block.Layer.Rows, IsBrief ? 128 : block.Layer.Width));
    }

    /// <summary>Whether large linear layers are faster by one block of the warpgroup kernels than by another, of as many columns.</summary>
    public bool? IsLinearFaster(WarpgroupBlock block, WarpgroupBlock other)
    {
        // All processors have as much to do by either.
        int rows = Multiple(block.Rows, other.Rows) * unit.Processors / (int)BigInteger.GreatestCommonDivisor(unit.Processors, Width / block.Columns);
        Func<Func<int, int, GemmVariant>, KernelCall[]> large = Linears(IsBrief ? LinearRows : rows);
        return IsFaster(block, other, repeats: 1, by => large((_, _) => GemmVariant.ForWarpgroups("linear", by)));
    }

    /// <summary>The same of convolutions.</summary>
    public bool? IsConvolutionFaster(WarpgroupBlock block, WarpgroupBlock other)
    {
        (int height, int width) = IsBrief ? (8, 8) : (Multiple(block.Rows, other.Rows), unit.Processors);
        Func<Func<Tensor, Shape, GemmVariant>, KernelCall[]> calls = Convolutions(1, height, width, block.Columns);
        return IsFaster(block, other, repeats: 2, by => calls((_, _) => GemmVariant.ForWarpgroups("conv3x3", by)));
    }

    private bool? IsFaster(WarpgroupBlock block, WarpgroupBlock other, int repeats, Func<WarpgroupBlock, KernelCall[]> create) =>
        Fastest([other, block], TileSeconds, repeats, create) is { } fastest ? fastest == block : null;

    /// <summary>The least that is a multiple of both.</summary>
    private static int Multiple(int a, int b) => a / (int)BigInteger.GreatestCommonDivisor(a, b) * b;

    /// <summary>Of those that a picture's last and largest feature maps fill, where there are any.</summary>
    public GemmTile? FastestConvolution(IReadOnlyList<GemmTile> tiles)
    {
        Func<Func<Tensor, Shape, GemmVariant>, KernelCall[]> calls = Convolutions(Channels);
        GemmTile[] filled = [.. tiles.Where(t => t.Columns(unit) <= Channels)];
        return Fastest(filled.Length > 0 ? filled : tiles, TileSeconds, repeats: 4, tile => calls((x, shape) => Convolution(tile, x, shape)));
    }

    /// <summary>Whether a block of the warpgroup kernels is faster than a tile, on feature maps of as many channels as it has columns.</summary>
    public bool? IsConvolutionFasterByWarpgroups(WarpgroupBlock block, GemmTile tile)
    {
        Func<Func<Tensor, Shape, GemmVariant>, KernelCall[]> calls = Convolutions(block.Columns);
        return Fastest<bool?>([false, true], TileSeconds, repeats: 4, byWarpgroups => calls((x, shape) =>
            byWarpgroups == true ? GemmVariant.ForWarpgroups("conv3x3", block) : Convolution(tile, x, shape)));
    }

    /// <summary>
    /// Whether the blocks of a transformer are faster where launches are in chains: a generator's of 128 tokens for one image, whose weights no
    /// cache holds.
    /// </summary>
    public bool? IsFasterChained()
    {
        TransformerSize size = IsBrief ? new(512, Layers: 1, Heads: 8, 2048) : new(1024, Layers: 4, Heads: 16, 4096);
        return Fastest<bool?>([false, true], LaterSeconds, repeats: 1, chained => TransformerCalls.Of(
            _profile with { Unit = unit with { ChainsLaunches = chained == true } }, batch: 2, tokens: 129, size));
    }

    /// <summary>Over few tokens: a generator's of 32 pictures with guidance.</summary>
    public AttentionForm? FastestShortAttention(IReadOnlyList<AttentionForm> forms) => FastestAttention(forms, batch: 64, tokens: 33, headDim: 48);

    /// <summary>Over many tokens: a tokenizer's of 16 pictures.</summary>
    public AttentionForm? FastestLongAttention(IReadOnlyList<AttentionForm> forms) => FastestAttention(forms, batch: 16, Tokens, headDim: 64);

    private AttentionForm? FastestAttention(IReadOnlyList<AttentionForm> forms, int batch, int tokens, int headDim)
    {
        (int sequences, int heads) = IsBrief ? (1, 1) : (batch, Heads);
        var graph = new Graph("attention", _profile);
        Tensor qkv = graph.External("qkv", DataType.Float16, sequences, tokens, 3 * heads * headDim);
        Tensor y = graph.External("y", DataType.Float16, sequences, tokens, heads * headDim);
        return Fastest(
            [.. forms.Cast<AttentionForm?>()], LaterSeconds, repeats: 16,
            form => [AttentionKernel.Create(_profile with { Unit = unit.With(form!.Value) }, qkv, y, heads)]);
    }

    private GemmVariant Linear(GemmTile tile, int inner, int columns) =>
        GemmVariant.ForLinear(_profile, LinearRows, inner, columns, DataType.Float16, new TilePlan(tile, 1));

    private GemmVariant Convolution(GemmTile tile, Tensor x, Shape shape) =>
        Conv3x3Kernel.Variant(_profile, x, shape, upsample: false, new TilePlan(tile, 1));

    /// <summary>
    /// The larger two linear layers of a block, with all that they do to their sums, which takes a kernel's registers and time as well,
    /// by k and columns, on the same buffers whoever makes them.
    /// </summary>
    private Func<Func<int, int, GemmVariant>, KernelCall[]> Linears(int rows)
    {
        var graph = new Graph("linear tile", _profile);
        Tensor x = graph.External("x", DataType.Float16, rows, Width), hidden = graph.External("hidden", DataType.Float16, rows, MlpWidth);
        // Behind the panels stand fp32 sums and biases, as the norm in front is folded in.
        Tensor weight = graph.External("weight", DataType.Float16, MlpWidth, Width + 4), back = graph.External("back", DataType.Float16, Width, MlpWidth);
        Tensor y = graph.External("y", DataType.Float16, rows, Width);
        var gelu = new GemmEpilogue(null, Activation.Gelu, null);
        var residual = new GemmEpilogue(graph.External("bias", DataType.Float32, Width), Activation.None, x);
        var norm = new LinearNorms(InputNorm.Given, graph.External("statistics", DataType.Float32, rows, 2), Epsilon: 0, null, null);
        return variant =>
        [
            LinearKernel.CreateTiled(_profile, variant(Width, MlpWidth), x, weight, gelu, hidden, norm),
            LinearKernel.CreateTiled(_profile, variant(MlpWidth, Width), hidden, back, residual, y, default),
        ];
    }

    /// <summary>The linear layers of a transformer layer, from the middle of its attention to that of the next one's, with the norms between.</summary>
    internal static KernelCall[] Layer(KernelProfile profile, int rows, int width)
    {
        var graph = new Graph("transformer layer", profile);
        Tensor attended = graph.External("attended", DataType.Float16, 1, rows, width), x = graph.External("x", DataType.Float16, 1, rows, width);
        Tensor y = Linear("proj", attended, width, residual: x);
        y = Linear("fc2", Linear("fc1", Norm("norm2", y), 4 * width, Activation.Gelu), width, residual: y);
        graph.Stage("qkv", Linear("qkv", Norm("norm1", y), 3 * width));
        return [.. graph.Compile(keepStages: true).Dispatches.Select(d => d.Call)];

        Tensor Norm(string name, Tensor from) => graph.LayerNorm(name, from, graph.Vector(width, $"{name}.weight"), graph.Vector(width, $"{name}.bias"), 1e-5f);

        Tensor Linear(string name, Tensor from, int columns, Activation activation = Activation.None, Tensor? residual = null) =>
            graph.Linear(name, from, graph.Matrix(columns, from.Shape[-1], $"{name}.weight"), graph.Vector(columns, $"{name}.bias"), activation, residual);
    }

    /// <summary>A convolution of feature maps that are as large whatever their channels.</summary>
    private Func<Func<Tensor, Shape, GemmVariant>, KernelCall[]> Convolutions(int channels)
    {
        (int pictures, int size) = IsBrief ? (1, 8) : (_pictures.Convolution, Size * Channels / channels);
        return Convolutions(pictures, size, size, channels);
    }

    /// <summary>A convolution with bias and residual, by input and output shape, on the same buffers whoever makes it.</summary>
    private Func<Func<Tensor, Shape, GemmVariant>, KernelCall[]> Convolutions(int pictures, int height, int width, int channels)
    {
        var graph = new Graph("convolution tile", _profile);
        Tensor x = graph.External("x", DataType.Float16, pictures, height, width, channels), y = graph.External("y", DataType.Float16, pictures, height, width, channels);
        Tensor weight = graph.External("weight", DataType.Float16, channels, 9, channels);
        var epilogue = new GemmEpilogue(graph.External("bias", DataType.Float32, channels), Activation.None, x);
        return variant => [Conv3x3Kernel.Create(_profile, x, weight, epilogue, y, upsample: false, null, variant(x, y.Shape))];
    }

    /// <param name="choices">What to choose from.</param>
    /// <param name="leastSeconds">For how long to measure at the least.</param>
    /// <param name="repeats">How often a submission has the calls of a choice; once where they are in chains, whose counters begin at zero.</param>
    /// <param name="create">Those calls.</param>
    private T? Fastest<T>(IReadOnlyList<T> choices, double leastSeconds, int repeats, Func<T, KernelCall[]> create)
    {
        if (choices.Count == 1)
            return choices[0];
        if (IsBrief || unit.Form != KernelForm.Matrix)
            repeats = 1;
        if (IsBrief)
            choices = [.. choices.Take(2)];
        try
        {
            // All at once, and then by itself each that the driver refuses.
            if (!KernelCallRecording.TryBuildPrograms(device, choices.SelectMany(create), options.Pause))
                choices = [.. choices.Where(choice => KernelCallRecording.TryBuildPrograms(device, create(choice), options.Pause))];
            if (choices.Count == 0)
                return default;
            double[] seconds = AlternatingRuns.LeastSeconds(
                device, [.. choices.Select(choice => Enumerable.Repeat(create(choice), repeats).SelectMany(c => c).ToArray())],
                IsBrief ? 0 : leastSeconds, IsBrief ? 1 : LeastRuns, MaxSeconds, options.Pause);
            return choices[Array.IndexOf(seconds, seconds.Min())];
        }
        catch (OutOfDeviceMemoryException)
        {
            return default;
        }
    }
}
