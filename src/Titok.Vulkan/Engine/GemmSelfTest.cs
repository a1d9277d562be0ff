using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Engine;

/// <summary>
/// Holds the kernels for a device's matrix units, or those that take their place, against its portable ones on random numbers
/// with ragged ends: linear layers by every tile, with k whole and in parts, convolutions by the usual large tile, and once by every small
/// one, attention at the published models' head widths. An op that is wrong, or that the driver refuses, goes to the portable
/// kernel. Of norms that are folded into linear layers, those by spans are tried; others are left to the tests, being plain arithmetic
/// around the same blocks.
/// </summary>
internal static class GemmSelfTest
{
    /// <param name="device">To test.</param>
    /// <param name="unit">Its matrix units, or what takes their place.</param>
    /// <param name="isBrief">Whether timing is cut short, only to show that it works.</param>
    public static KernelChoice Run(GpuDevice device, GemmUnit unit, bool isBrief = false)
    {
        GemmUnit[] ways = unit.WeightFragments ? [unit, unit.WithFragments(false)] : [unit];
        return ways.Select(way => Try(device, way, isBrief)).FirstOrDefault(choice => choice is not null) ?? new KernelChoice(KernelForm.Portable);
    }

    /// <summary>With weights as fragments, or in panels; null where linear layers are wrong so.</summary>
    private static KernelChoice? Try(GpuDevice device, GemmUnit unit, bool isBrief)
    {
        GemmTile[] large = [.. GemmTile.LargeTiles.Where(tile => tile.Fits(unit))], small = [.. GemmTile.SmallTiles(unit)];
        if (large.Length == 0)
            return null;
        GemmTile usual = large[0];
        // Some weights do not come in whole fragments.
        SelfTestCase[] panels = unit.WeightFragments ? Linears(unit with { WeightFragments = false }, usual) : [];
        SelfTestCase[] convolutions = [.. Convolutions(unit, usual), .. small.Select(tile => SmallConvolution(unit, tile))], norms = [Norms(unit, usual)];
        AttentionForm[] forms = unit.Form == KernelForm.Matrix ? KernelForms.AttentionForms(device.Physical) : [];
        SelfTestCase[] cases =
        [
            .. large.Union(small).SelectMany(tile => Linears(unit, tile)), .. panels, .. norms, .. convolutions,
            .. forms.SelectMany(form => Attentions(unit.With(form))),
        ];
        // All at once, which is how a driver compiles them the soonest; what it refuses is found out again where it is tested.
        KernelCallRecording.TryBuildPrograms(device, cases.SelectMany(c => c.Calls));

        if (!small.All(tile => SelfTestCase.Hold(device, Linears(unit, tile))) || !SelfTestCase.Hold(device, panels) || !SelfTestCase.Hold(device, norms))
            return null;
        large = [.. large.Where(tile => small.Contains(tile) || SelfTestCase.Hold(device, Linears(unit, tile)))];
        if (large.Length == 0)
            return null;
        bool convolution = SelfTestCase.Hold(device, convolutions);
        forms = [.. forms.Where(form => SelfTestCase.Hold(device, Attentions(unit.With(form))))];
        var measurement = new KernelMeasurement(device, unit, isBrief);
        GemmTile? linearTile = measurement.FastestLinear(large);
        GemmTile? convolutionTile = convolution ? measurement.FastestConvolution(large) : usual;
        if (convolution && convolutionTile is { } fastest && fastest != usual && !SelfTestCase.Hold(device, Convolutions(unit, fastest)))
            convolutionTile = usual;
        if (forms.Length == 0)
            forms = [AttentionForm.Portable];
        AttentionForm? shortAttention = measurement.FastestShortAttention(forms), longAttention = measurement.FastestLongAttention(forms);
        (int? linearBlocks, int? convolutionBlocks) =
            WarpgroupSelfTest.Run(device, unit, measurement, linearTile, convolution ? convolutionTile : null);
        // Where they could not be measured any of them is right, and a model may still fit.
        return new KernelChoice(unit.Form, Linear: true, convolution)
        {
            ShortAttention = shortAttention ?? forms[^1],
            LongAttention = longAttention ?? forms[^1],
            WeightFragments = unit.WeightFragments,
            LinearTile = GemmTile.LargeTiles.IndexOf(linearTile ?? large[0]),
            ConvolutionTile = GemmTile.LargeTiles.IndexOf(convolutionTile ?? large[0]),
            LinearBlocks = linearBlocks ?? 0,
            ConvolutionBlocks = convolutionBlocks ?? 0,
            IsComplete = linearTile is not null && convolutionTile is not null && shortAttention is not null && longAttention is not null
                && linearBlocks is not null && convolutionBlocks is not null,
        };
    }

    /// <summary>A tile with all of k, and with k in parts.</summary>
    internal static bool LinearAgrees(GpuDevice device, GemmUnit unit, GemmTile tile) => Linears(unit, tile).All(c => c.Agrees(device));

    /// <summary>A tile with k in as many parts as the plan says.</summary>
    internal static bool LinearAgrees(GpuDevice device, GemmUnit unit, TilePlan plan) => Linear(unit, plan).Agrees(device);

    internal static bool ConvolutionAgrees(GpuDevice device, GemmUnit unit, GemmTile tile, bool upsample, int parts = 1) =>
        Convolution(unit, tile, upsample, parts).Agrees(device);

    internal static bool NormsAgree(GpuDevice device, GemmUnit unit, GemmTile tile) => Norms(unit, tile).Agrees(device);

    /// <summary>By the unit's form for so many tokens.</summary>
    internal static bool AttentionAgrees(GpuDevice device, GemmUnit unit, int tokens, int headDim) => Attention(unit, tokens, headDim).Agrees(device);

    private static SelfTestCase[] Linears(GemmUnit unit, GemmTile tile) => [Linear(unit, new TilePlan(tile, 1)), Linear(unit, new TilePlan(tile, 2))];

    /// <summary>A tokenizer's heads, and those of a BERT generator; and as if the device were small, for which they are many.</summary>
    private static SelfTestCase[] Attentions(GemmUnit unit) =>
        [Attention(unit, 33, 64), Attention(unit, 150, 64), Attention(unit, 33, 48), Attention(unit with { Processors = 1 }, 150, 64)];

    /// <summary>Norms by spans, which invocations make together, as a tile leaves and merges them.</summary>
    private static SelfTestCase Norms(GemmUnit unit, GemmTile tile)
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
    internal static SelfTestCase NormedTwice(GemmUnit unit, GemmTile trusted, int rows, int inner, int columns, GemmVariant first, GemmVariant second)
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

    private static SelfTestCase[] Convolutions(GemmUnit unit, GemmTile tile) =>
    [
        Convolution(unit, tile, upsample: false), Convolution(unit, tile, upsample: true), Convolution(unit, tile, upsample: false, parts: 2),
    ];

    /// <summary>As small feature maps are given it: with k in parts, but for the last convolution, to three channels.</summary>
    private static SelfTestCase SmallConvolution(GemmUnit unit, GemmTile tile) =>
        Convolution(unit, tile, upsample: false, parts: tile.Columns(unit) == WeightRequest.PanelWidth ? 1 : 2);

    private static SelfTestCase Convolution(GemmUnit unit, GemmTile tile, bool upsample, int parts = 1) =>
        // Half a slab is left over, or in panels a part of a fragment.
        Convolution(unit, pictures: 1, unit.WeightFragments ? 48 : 40, outChannels: 24, upsample, (graph, x, shape) =>
            Conv3x3Kernel.Variant(graph.Profile, x, shape, upsample, graph.Profile.Unit is null ? null : new TilePlan(tile, parts)));

    /// <param name="unit">By which the op is made in a graph that has it.</param>
    /// <param name="pictures">Of 10 × 10 pixels.</param>
    /// <param name="channels">Of the input.</param>
    /// <param name="outChannels">Of the output.</param>
    /// <param name="upsample">Whether it is behind a doubling.</param>
    /// <param name="variant">By graph, input and output shape.</param>
    internal static SelfTestCase Convolution(
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

    private static SelfTestCase Attention(GemmUnit unit, int tokens, int headDim) => Of(unit, graph =>
    {
        const int Heads = 2;
        Tensor qkv = graph.External("qkv", DataType.Float16, 2, tokens, 3 * Heads * headDim);
        Tensor y = graph.External("y", DataType.Float16, 2, tokens, Heads * headDim);
        return [AttentionKernel.Create(graph.Profile, qkv, y, Heads)];
    });

    /// <summary>Every form reads weights in the same panels, or what is made of them, so that random panels do.</summary>
    private static SelfTestCase Linear(GemmUnit unit, TilePlan plan)
    {
        GemmTile tile = plan.Tile;
        int rows = 2 * tile.Rows(unit) - 3, columns = 2 * tile.Columns(unit) - 8;
        int inner = 4 * tile.Inner(unit) + (unit.WeightFragments ? unit.K : 8);
        return Of(unit, graph =>
        {
            Tensor x = graph.External("x", DataType.Float16, rows, inner);
            Tensor weight = graph.External("weight", DataType.Float16, 2 * tile.Columns(unit), inner);
            Tensor y = graph.External("y", DataType.Float16, rows, columns);
            var epilogue = new GemmEpilogue(
                graph.External("bias", DataType.Float32, columns), Activation.Gelu, graph.External("residual", DataType.Float16, rows, columns));
            if (graph.Profile.Unit is null)
                return [LinearKernel.Create(graph.Profile, x, weight, epilogue, y)];
            GemmVariant variant = GemmVariant.ForLinear(graph.Profile, rows, inner, columns, weight.Type, plan);
            GemmUnit? fragments = GemmVariant.LinearFragments(graph.Profile, inner, weight.Type);
            JoinedParts? parts = graph.PartsOf("parts", variant, rows, columns);
            return WithWeight(graph, weight, fragments, w => [LinearKernel.CreateTiled(graph.Profile, variant, x, w, epilogue, y, default, parts)]);
        });
    }

    /// <summary>What is done with a weight that lies in panels, after it has been made into fragments where it is read so.</summary>
    internal static KernelCall[] WithWeight(Graph graph, Tensor panels, GemmUnit? fragments, Func<Tensor, KernelCall[]> calls)
    {
        if (fragments is null)
            return calls(panels);
        Tensor weight = graph.External("fragments", panels.Type, [.. Enumerable.Range(0, panels.Shape.Rank).Select(axis => panels.Shape[axis])]);
        return [WeightFragmentsKernel.Create(fragments, panels, weight), .. calls(weight)];
    }

    /// <summary>By the portable kernels, and by the unit's.</summary>
    internal static SelfTestCase Of(GemmUnit unit, Func<Graph, KernelCall[]> create) => new(
        create(new Graph("self-test", new KernelProfile(KernelForm.Portable, DataType.Float16))),
        create(new Graph("self-test", KernelProfile.Of(unit))));
}
