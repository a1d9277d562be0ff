using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Engine;

/// <summary>Ops with ragged ends on random numbers, by a device's unit and by what is trusted, for its self-test.</summary>
internal static class GemmCases
{
    public static SelfTestCase[] Linears(GemmUnit unit, GemmTile tile) => [Linear(unit, new TilePlan(tile, 1)), Linear(unit, new TilePlan(tile, 2))];

    /// <summary>A tokenizer's heads, and those of a BERT generator; and as if the device were small, for which they are many.</summary>
    public static SelfTestCase[] Attentions(GemmUnit unit) =>
        [Attention(unit, 33, 64), Attention(unit, 150, 64), Attention(unit, 33, 48), Attention(unit with { Processors = 1 }, 150, 64)];

    /// <summary>Norms by spans, which invocations make together, as a tile leaves and merges them.</summary>
    public static SelfTestCase Norms(GemmUnit unit, GemmTile tile)
    {
        var profile = KernelProfile.Of(unit);
        int rows = 2 * tile.Rows(unit) - 3, inner = 4 * tile.Inner(unit), columns = 2 * tile.Columns(unit);
        return NormedTwice(
            unit, tile, rows, inner, columns, GemmVariant.ForLinear(profile, rows, inner, columns, DataType.Float16, new TilePlan(tile, 2)),
            GemmVariant.ForLinear(profile, rows, columns, columns, DataType.Float16, new TilePlan(tile, 2)));
    }

    /// <summary>
    /// A linear layer whose output the next one norms: by its statistics, taken by a dispatch of their own, or by those of spans that the
    /// first one leaves and the second one merges.
    /// </summary>
    /// <param name="unit">The device's.</param>
    /// <param name="trusted">The tile that the former is made by.</param>
    /// <param name="rows">Rows of both.</param>
    /// <param name="inner">The first one's k.</param>
    /// <param name="columns">The first one's columns, and both of the second one.</param>
    /// <param name="first">The first one that leaves them.</param>
    /// <param name="second">The second one that merges them.</param>
    public static SelfTestCase NormedTwice(GemmUnit unit, GemmTile trusted, int rows, int inner, int columns, GemmVariant first, GemmVariant second)
    {
        var profile = KernelProfile.Of(unit);
        var tile = new TilePlan(trusted, 1);
        return new SelfTestCase(
            Calls(
                GemmVariant.ForLinear(profile, rows, inner, columns, DataType.Float16, tile),
                GemmVariant.ForLinear(profile, rows, columns, columns, DataType.Float16, tile), spans: 0),
            Calls(first, second, first.SpansOf(columns)))
        {
            FoldedPanels = columns * columns,
        };

        KernelCall[] Calls(GemmVariant one, GemmVariant other, int spans)
        {
            const float Epsilon = 1e-5f;
            var graph = new Graph("self-test", profile);
            Tensor x = graph.External("x", DataType.Float16, rows, inner), hidden = graph.External("hidden", DataType.Float16, rows, columns);
            Tensor weight = graph.External("weight", DataType.Float16, columns, inner);
            Tensor back = graph.External(SelfTestCase.FoldedWeight, DataType.Float16, columns, columns + 4);
            Tensor statistics = graph.External("statistics", DataType.Float32, rows, 2), y = graph.External("y", DataType.Float16, rows, columns);
            Tensor? left = spans > 0 ? graph.External("spans", DataType.Float32, rows, spans, 2) : null;
            var epilogue = new GemmEpilogue(graph.External("bias", DataType.Float32, columns), Activation.None, null);
            return
            [
                LinearKernel.CreateTiled(
                    profile, one, x, weight, epilogue, hidden, default(LinearNorms) with { OutputSpans = left }, graph.PartsOf("first", one, rows, columns)),
                .. left is null ? (KernelCall[])[RowStatisticsKernel.Create(profile, hidden, statistics, Epsilon)] : [],
                LinearKernel.CreateTiled(
                    profile, other, hidden, back, default, y,
                    new LinearNorms(left is null ? InputNorm.Given : InputNorm.Merged, statistics, Epsilon, null, null) { InputSpans = left },
                    graph.PartsOf("second", other, rows, columns)),
            ];
        }
    }

    public static SelfTestCase[] Convolutions(GemmUnit unit, GemmTile tile) =>
    [
        Convolution(unit, tile, upsample: false), Convolution(unit, tile, upsample: true), Convolution(unit, tile, upsample: false, parts: 2),
    ];

    /// <summary>As small feature maps are given it: with k in parts, but for the last convolution, to three channels.</summary>
    public static SelfTestCase SmallConvolution(GemmUnit unit, GemmTile tile) =>
        Convolution(unit, tile, upsample: false, parts: tile.Columns(unit) == WeightRequest.PanelWidth ? 1 : 2);

    public static SelfTestCase Convolution(GemmUnit unit, GemmTile tile, bool upsample, int parts = 1) =>
        // Half a slab is left over, or in panels a part of a fragment.
        Convolution(unit, pictures: 1, unit.WeightFragments ? 48 : 40, outChannels: 24, upsample, (graph, x, shape) =>
            Conv3x3Kernel.Variant(graph.Profile, x, shape, upsample, graph.Profile.Unit is null ? null : new TilePlan(tile, parts)));

    /// <param name="unit">By which the op is made in a graph that has it.</param>
    /// <param name="pictures">Of 10 × 10 pixels.</param>
    /// <param name="channels">Of the input.</param>
    /// <param name="outChannels">Of the output.</param>
    /// <param name="upsample">Whether it is behind a doubling.</param>
    /// <param name="variant">By graph, input and output shape.</param>
    public static SelfTestCase Convolution(
        GemmUnit unit, int pictures, int channels, int outChannels, bool upsample, Func<Graph, Tensor, Shape, GemmVariant> variant) => Of(unit, graph =>
    {
        const int Size = 10;
        int padded = WeightRequest.Padded(outChannels);
        Tensor x = graph.External("x", DataType.Float16, pictures, Size, Size, channels);
        Tensor weight = graph.External("weight", DataType.Float16, padded, upsample ? 16 : 9, channels);
        Tensor bias = graph.External("bias", DataType.Float32, outChannels);
        int size = upsample ? 2 * Size : Size;
        Tensor residual = graph.External("residual", DataType.Float16, pictures, size, size, outChannels);
        Tensor y = graph.External("y", DataType.Float16, pictures, size, size, outChannels);
        var epilogue = new GemmEpilogue(bias, Activation.None, residual);
        GemmUnit? fragments = GemmVariant.ConvolutionFragments(graph.Profile, channels, Conv3x3Kernel.Taps(upsample));
        GemmVariant made = variant(graph, x, y.Shape);
        JoinedParts? parts = graph.PartsOf("parts", made, x.Shape.Rows, outChannels, Conv3x3Kernel.Phases(upsample));
        return WithWeight(graph, weight, fragments, w => [Conv3x3Kernel.Create(graph.Profile, x, w, epilogue, y, upsample, null, made, parts)]);
    });

    public static SelfTestCase Attention(GemmUnit unit, int tokens, int headDim) => Of(unit, graph =>
    {
        const int Heads = 2;
        Tensor qkv = graph.External("qkv", DataType.Float16, 2, tokens, 3 * Heads * headDim);
        Tensor y = graph.External("y", DataType.Float16, 2, tokens, Heads * headDim);
        return [AttentionKernel.Create(graph.Profile, qkv, y, Heads)];
    });

    /// <summary>Of sizes that are no multiples of the tile.</summary>
    public static SelfTestCase Linear(GemmUnit unit, TilePlan plan)
    {
        GemmTile tile = plan.Tile;
        int rows = 2 * tile.Rows(unit) - 3, columns = 2 * tile.Columns(unit) - 8;
        int inner = 4 * tile.Inner(unit) + (unit.WeightFragments ? unit.K : 8);
        return Linear(unit, rows, inner, columns, paddedColumns: 2 * tile.Columns(unit), DataType.Float16, profile =>
            GemmVariant.ForLinear(profile, rows, inner, columns, DataType.Float16, plan));
    }

    /// <summary>
    /// With bias, GELU and residual. Every form reads weights in the same panels, or what is made of them, so that random panels
    /// do.
    /// </summary>
    /// <param name="unit">By which the layer is made in a graph that has it.</param>
    /// <param name="rows">Of the output.</param>
    /// <param name="inner">Its k.</param>
    /// <param name="columns">Of the output.</param>
    /// <param name="paddedColumns">Of the weight.</param>
    /// <param name="output">Type of the output.</param>
    /// <param name="variant">By the unit's profile.</param>
    public static SelfTestCase Linear(
        GemmUnit unit, int rows, int inner, int columns, int paddedColumns, DataType output, Func<KernelProfile, GemmVariant> variant) => Of(unit, graph =>
    {
        Tensor x = graph.External("x", DataType.Float16, rows, inner), weight = graph.External("weight", DataType.Float16, paddedColumns, inner);
        Tensor y = graph.External("y", output, rows, columns);
        var epilogue = new GemmEpilogue(
            graph.External("bias", DataType.Float32, columns), Activation.Gelu, graph.External("residual", DataType.Float16, rows, columns));
        if (graph.Profile.Unit is null)
            return [LinearKernel.Create(graph.Profile, x, weight, epilogue, y)];
        GemmVariant made = variant(graph.Profile);
        GemmUnit? fragments = GemmVariant.LinearFragments(graph.Profile, inner, weight.Type);
        JoinedParts? parts = graph.PartsOf("parts", made, rows, columns);
        return WithWeight(graph, weight, fragments, w => [LinearKernel.CreateTiled(graph.Profile, made, x, w, epilogue, y, default, parts)]);
    });

    /// <summary>What is done with a weight that lies in panels, after it has been made into fragments where it is read so.</summary>
    private static KernelCall[] WithWeight(Graph graph, Tensor panels, GemmUnit? fragments, Func<Tensor, KernelCall[]> calls)
    {
        if (fragments is null)
            return calls(panels);
        Tensor weight = graph.External("fragments", panels.Type, [.. Enumerable.Range(0, panels.Shape.Rank).Select(axis => panels.Shape[axis])]);
        return [WeightFragmentsKernel.Create(fragments, panels, weight), .. calls(weight)];
    }

    /// <summary>By the portable kernels, and by the unit's.</summary>
    private static SelfTestCase Of(GemmUnit unit, Func<Graph, KernelCall[]> create) => new(
        create(new Graph("self-test", new KernelProfile(KernelForm.Portable, DataType.Float16))),
        create(new Graph("self-test", KernelProfile.Of(unit))));
}
