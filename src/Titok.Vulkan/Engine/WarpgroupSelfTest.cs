using System.Collections.Immutable;
using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Engine;

/// <summary>
/// Holds the warpgroup kernels against others on random numbers with ragged ends, and then measures them. What is wrong, what the
/// driver refuses, and what is slower stays with the matrix kernels.
/// </summary>
internal static class WarpgroupSelfTest
{
    /// <summary>What matrix units were found to do right, and how, with what warpgroups do faster.</summary>
    /// <param name="device">To test.</param>
    /// <param name="unit">Its matrix units, with all that was found out about them.</param>
    /// <param name="options">How.</param>
    public static KernelChoice Run(GpuDevice device, GemmUnit unit, SearchOptions options)
    {
        var measurement = new KernelMeasurement(device, unit, options);
        try
        {
            return WithAttention(device, WithBlocks(device, unit, measurement, options), measurement, options);
        }
        catch (OutOfDeviceMemoryException)
        {
            return new KernelChoice(unit) { IsComplete = false };
        }
    }

    private static KernelChoice WithBlocks(GpuDevice device, GemmUnit unit, KernelMeasurement measurement, SearchOptions options)
    {
        // One refusal stands for all: they are of a kind. All at once, which is how a driver compiles them the soonest.
        if (!KernelSupport.MayUseWarpgroups(device.Physical, unit) || !KernelCallRecording.TryBuildPrograms(device, Products(unit).SelectMany(c => c.Calls), options.Pause))
            return new KernelChoice(unit);
        int? linears = Faster(WarpgroupBlock.Linears, block =>
            SelfTestCase.AllAgree(device, options, Linears(unit, block)) ? measurement.IsLinearFasterByWarpgroups(block, unit.LinearTile!) : false);
        int? convolutions = !unit.Convolution ? 0 : Faster(WarpgroupBlock.Convolutions, block =>
            SelfTestCase.AllAgree(device, options, Convolutions(unit, block)) ? measurement.IsConvolutionFasterByWarpgroups(block, unit.ConvolutionTile!) : false);
        linears = WithoutLarger(WarpgroupBlock.Linears, linears, measurement.IsLinearFaster);
        convolutions = WithoutLarger(WarpgroupBlock.Convolutions, convolutions, measurement.IsConvolutionFaster);
        return new KernelChoice(unit with { LinearBlocks = linears ?? 0, ConvolutionBlocks = convolutions ?? 0 })
        {
            IsComplete = linears is not null && convolutions is not null,
        };
    }

    private static KernelChoice WithAttention(GpuDevice device, KernelChoice choice, KernelMeasurement measurement, SearchOptions options)
    {
        GemmUnit unit = choice.Unit!;
        if (!SelfTestCase.AllAgree(device, options, GemmCases.Attentions(unit.With(AttentionForm.Warpgroup))))
            return choice;
        AttentionForm? few = measurement.FastestShortAttention([unit.ShortAttention, AttentionForm.Warpgroup]);
        AttentionForm? many = measurement.FastestLongAttention([unit.LongAttention, AttentionForm.Warpgroup]);
        return choice with
        {
            Unit = unit with { ShortAttention = few ?? unit.ShortAttention, LongAttention = many ?? unit.LongAttention },
            IsComplete = choice.IsComplete && few is not null && many is not null,
        };
    }

    /// <summary>What was found out, with launches in chains where that is right and faster. A wait that never ends loses the device.</summary>
    /// <param name="device">To test.</param>
    /// <param name="choice">With the warpgroup kernels that are used.</param>
    /// <param name="options">How.</param>
    public static KernelChoice WithChains(GpuDevice device, KernelChoice choice, SearchOptions options)
    {
        GemmUnit unit = choice.Unit!;
        try
        {
            if (!SelfTestCase.AllAgree(device, options, Chains(unit)))
                return choice;
            bool? faster = new KernelMeasurement(device, unit, options).IsFasterChained();
            return choice with { Unit = unit with { ChainsLaunches = faster ?? false }, IsComplete = faster is not null };
        }
        catch (OutOfDeviceMemoryException)
        {
            return choice with { IsComplete = false };
        }
    }

    /// <summary>Whether there are launches that can be in a chain.</summary>
    public static bool MayChain(GemmUnit unit) => Chains(unit).SelectMany(c => c.Calls).Any(call => call.IsChained);

    /// <summary>
    /// Two blocks of a transformer, with barriers between launches and in chains: of the networks that the kernels for few rows are for, with k in
    /// parts where it is, and of more rows than a device has blocks of resident at a time. Whether one launch overtakes another is chance, so often.
    /// </summary>
    internal static SelfTestCase[] Chains(GemmUnit unit) =>
        [Chain(unit, 2, 33, 768), Chain(unit, 2, 129, 1024), Chain(unit, 1, 289, 1024), Chain(unit, 28, 66, 768)];

    /// <param name="unit">The device's, with its warpgroup kernels.</param>
    /// <param name="batch">Sequences.</param>
    /// <param name="tokens">Tokens of each.</param>
    /// <param name="width">Channels.</param>
    internal static SelfTestCase Chain(GemmUnit unit, int batch, int tokens, int width)
    {
        const int Runs = 20, Heads = 16;
        var size = new TransformerSize(width, Layers: 2, Heads, 4 * width);
        return new SelfTestCase(Block(chainsLaunches: false), Block(chainsLaunches: true)) { Runs = Runs, IsExact = true };

        KernelCall[] Block(bool chainsLaunches) =>
            TransformerCalls.Of(KernelProfile.Of(unit with { ChainsLaunches = chainsLaunches }), batch, tokens, size);
    }

    /// <summary>Bits of the blocks that are faster; null where it is not known of one.</summary>
    private static int? Faster(ImmutableArray<WarpgroupBlock> blocks, Func<WarpgroupBlock, bool?> isFaster) =>
        blocks.Select((block, index) => isFaster(block) is { } faster ? (faster ? 1 : 0) << index : (int?)null).Aggregate((int?)0, (all, bit) => all | bit);

    /// <summary>The same blocks, but for the larger of two for large products where it is slower.</summary>
    internal static int? WithoutLarger(ImmutableArray<WarpgroupBlock> blocks, int? bits, Func<WarpgroupBlock, WarpgroupBlock, bool?> isFaster)
    {
        int larger = 1 << blocks.IndexOf(WarpgroupBlock.Larger), both = 1 << blocks.IndexOf(WarpgroupBlock.Large) | larger;
        if (bits is not { } known || (known & both) != both)
            return bits;
        return isFaster(WarpgroupBlock.Larger, WarpgroupBlock.Large) switch
        {
            true => bits,
            false => known & ~larger,
            null => null,
        };
    }

    /// <summary>All that is tested.</summary>
    internal static IEnumerable<SelfTestCase> Cases(GemmUnit unit) =>
        [.. Products(unit), .. GemmCases.Attentions(unit.With(AttentionForm.Warpgroup)), .. Chains(WithAll(unit))];

    /// <summary>With all warpgroup kernels for linear layers and attention.</summary>
    internal static GemmUnit WithAll(GemmUnit unit) => unit.With(AttentionForm.Warpgroup) with { LinearBlocks = (1 << WarpgroupBlock.Linears.Length) - 1 };

    /// <summary>
    /// Rows, k and columns of the linear layers by a block: k in more slabs than are on their way at a time, and in three parts where it may
    /// be; columns that are a k of two parts as well.
    /// </summary>
    internal static (int Rows, int Inner, int Columns) LinearSize(WarpgroupBlock block) =>
        (2 * block.Rows - 3, 3 * block.InnerMultiple, 2 * Math.Max(block.Columns, block.InnerMultiple));

    private static IEnumerable<SelfTestCase> Products(GemmUnit unit) =>
        WarpgroupBlock.Linears.SelectMany(block => Linears(unit, block)).Concat(WarpgroupBlock.Convolutions.SelectMany(block => Convolutions(unit, block)));

    private static SelfTestCase[] Linears(GemmUnit unit, WarpgroupBlock block)
    {
        GemmVariant whole = GemmVariant.ForWarpgroups("linear", block), parts = block.MayJoin ? GemmVariant.ForWarpgroups("linear", block, parts: 3) : whole;
        GemmVariant byTile = ByTile(unit, block, GemmTiles.Large(unit)[0]);
        return
        [
            Linear(unit, block, DataType.Float16, whole), Linear(unit, block, DataType.Float32, parts),
            NormedLinear(unit, block, byTile, whole), NormedTwice(unit, block, parts),
        ];
    }

    private static SelfTestCase[] Convolutions(GemmUnit unit, WarpgroupBlock block)
    {
        var variant = GemmVariant.ForWarpgroups("conv3x3", block);
        return [Convolution(unit, upsample: false, (_, _, _) => variant), Convolution(unit, upsample: true, (_, _, _) => variant)];
    }

    /// <summary>A block's linear layers by a tile of the matrix kernels.</summary>
    internal static GemmVariant ByTile(GemmUnit unit, WarpgroupBlock block, GemmTile tile, int parts = 1)
    {
        (int rows, int inner, int columns) = LinearSize(block);
        return GemmVariant.ForLinear(KernelProfile.Of(unit), rows, inner, columns, DataType.Float16, new TilePlan(tile, parts));
    }

    /// <summary>Layers of those sizes, of which the second one norms what the first has made.</summary>
    internal static SelfTestCase NormedTwice(GemmUnit unit, WarpgroupBlock block, GemmVariant variant)
    {
        (int rows, int inner, int columns) = LinearSize(block);
        // The second layer's k has other parts of whole slabs.
        GemmVariant second = variant.Parts == 1 ? variant : GemmVariant.ForWarpgroups("linear", block, parts: 2);
        return GemmCases.NormedTwice(unit, GemmTiles.Large(unit)[0], rows, inner, columns, variant, second);
    }

    internal static SelfTestCase Linear(GemmUnit unit, WarpgroupBlock block, DataType output, GemmVariant variant)
    {
        (int rows, int inner, int columns) = LinearSize(block);
        return GemmCases.Linear(unit, rows, inner, columns, columns, output, _ => variant);
    }

    /// <summary>
    /// With all that can be done to the norms of input and residual. The portable kernels fold no norms, so that the matrix kernels are
    /// what is trusted; both take the weight as it lies.
    /// </summary>
    internal static SelfTestCase NormedLinear(GemmUnit unit, WarpgroupBlock block, GemmVariant expected, GemmVariant actual)
    {
        (int rows, int inner, int columns) = LinearSize(block);
        return new SelfTestCase(Calls(expected), Calls(actual)) { FoldedPanels = columns * inner };

        KernelCall[] Calls(GemmVariant variant)
        {
            var graph = new Graph("self-test", KernelProfile.Of(unit));
            Tensor x = graph.External("x", DataType.Float16, rows, inner), y = graph.External("y", DataType.Float16, rows, columns);
            Tensor weight = graph.External(SelfTestCase.FoldedWeight, DataType.Float16, columns, inner + 4);
            var epilogue = new GemmEpilogue(null, Activation.Gelu, graph.External("residual", DataType.Float16, rows, columns));
            var norms = new LinearNorms(
                InputNorm.Given, graph.External("statistics", DataType.Float32, rows, 2), Epsilon: 0,
                graph.External("residual statistics", DataType.Float32, rows, 2), graph.External("residual norm", DataType.Float32, 2, columns));
            return [LinearKernel.CreateTiled(graph.Profile, variant, x, weight, epilogue, y, norms)];
        }
    }

    /// <summary>Two pictures, of which a block of pixels has parts.</summary>
    internal static SelfTestCase Convolution(GemmUnit unit, bool upsample, Func<Graph, Tensor, Shape, GemmVariant> variant) =>
        GemmCases.Convolution(unit, pictures: 2, channels: WarpgroupBlock.Large.InnerMultiple, outChannels: 2 * WarpgroupBlock.Large.Columns, upsample, (graph, x, shape) =>
            graph.Profile.Unit is null ? Conv3x3Kernel.Variant(graph.Profile, x, shape, upsample) : variant(graph, x, shape));
}
