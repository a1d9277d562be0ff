using System.Runtime.InteropServices;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Engine;

/// <summary>
/// Holds the kernels for a device's matrix units, or those that take their place, against its portable ones on random numbers
/// with ragged ends: linear layers by every tile, with k whole and in parts, convolutions by the tile that they are given,
/// attention at the published models' head widths. An op that is wrong, or that the driver refuses, goes to the portable
/// kernel. Norms that are folded into linear layers are left to the tests: they are plain arithmetic around the same blocks.
/// </summary>
internal static class MatrixSelfTest
{
    /// <summary>
    /// Relative length of the difference that is still right. Both sides add up the same fp16 products in fp32 and round
    /// the result to fp16, which costs up to 2^-11 where they round apart.
    /// </summary>
    private const double Bound = 1e-3;

    /// <param name="device">To test.</param>
    /// <param name="unit">Its matrix units, or what takes their place.</param>
    /// <param name="isBrief">Whether what is right is measured only so far as to show that it can be.</param>
    public static KernelChoice Run(GpuDevice device, MatrixUnit unit, bool isBrief = false)
    {
        MatrixUnit[] ways = unit.WeightFragments ? [unit, unit.WithFragments(false)] : [unit];
        return ways.Select(way => Try(device, way, isBrief)).FirstOrDefault(choice => choice is not null) ?? new KernelChoice(KernelForm.Portable);
    }

    /// <summary>With weights as fragments, or in panels; null where linear layers are wrong so.</summary>
    private static KernelChoice? Try(GpuDevice device, MatrixUnit unit, bool isBrief)
    {
        MatrixTile[] large = [.. MatrixTile.LargeTiles.Where(tile => tile.Fits(unit))], small = [.. MatrixTile.SmallTiles(unit)];
        if (large.Length == 0)
            return null;
        MatrixTile usual = large[0];
        // Some weights do not come in whole fragments.
        Case[] panels = unit.WeightFragments ? Linears(unit with { WeightFragments = false }, usual) : [];
        Case[] convolutions = Convolutions(unit, usual);
        AttentionForm[] forms = unit.Form == KernelForm.Matrix ? KernelForms.AttentionForms(device.Physical) : [];
        Case[] cases =
        [
            .. large.Union(small).SelectMany(tile => Linears(unit, tile)), .. panels, .. convolutions,
            .. forms.SelectMany(form => Attentions(unit.With(form))),
        ];
        // All at once, which is how a driver compiles them the soonest; what it refuses is found out again where it is tested.
        KernelCallRecording.TryBuildPrograms(device, cases.SelectMany(c => Calls(c, Portable).Concat(Calls(c, Matrix(c)))));

        if (!small.All(tile => Hold(device, Linears(unit, tile))) || !Hold(device, panels))
            return null;
        large = [.. large.Where(tile => small.Contains(tile) || Hold(device, Linears(unit, tile)))];
        if (large.Length == 0)
            return null;
        bool convolution = Hold(device, convolutions);
        forms = [.. forms.Where(form => Hold(device, Attentions(unit.With(form))))];
        var measurement = new KernelMeasurement(device, unit, isBrief);
        MatrixTile? linearTile = measurement.FastestLinear(large);
        MatrixTile? convolutionTile = convolution ? measurement.FastestConvolution(large) : usual;
        if (convolution && convolutionTile is { } fastest && fastest != usual && !Hold(device, Convolutions(unit, fastest)))
            convolutionTile = usual;
        if (forms.Length == 0)
            forms = [AttentionForm.Portable];
        AttentionForm? shortAttention = measurement.FastestShortAttention(forms), longAttention = measurement.FastestLongAttention(forms);
        (bool? linearByWarpgroups, bool? convolutionByWarpgroups) = Warpgroups(device, unit, measurement, linearTile, convolution ? convolutionTile : null);
        // Where they could not be measured any of them is right, and a model may still fit.
        return new KernelChoice(unit.Form, Linear: true, convolution)
        {
            ShortAttention = shortAttention ?? forms[^1],
            LongAttention = longAttention ?? forms[^1],
            WeightFragments = unit.WeightFragments,
            LinearTile = MatrixTile.LargeTiles.IndexOf(linearTile ?? large[0]),
            ConvolutionTile = MatrixTile.LargeTiles.IndexOf(convolutionTile ?? large[0]),
            LinearByWarpgroups = linearByWarpgroups ?? false,
            ConvolutionByWarpgroups = convolutionByWarpgroups ?? false,
            IsComplete = linearTile is not null && convolutionTile is not null && shortAttention is not null && longAttention is not null
                && linearByWarpgroups is not null && convolutionByWarpgroups is not null,
        };
    }

    /// <summary>Whether large linear layers and convolutions go to the warpgroup kernels: where they are right and faster; null where there was no memory to find out.</summary>
    private static (bool? Linear, bool? Convolution) Warpgroups(
        GpuDevice device, MatrixUnit unit, KernelMeasurement measurement, MatrixTile? linearTile, MatrixTile? convolutionTile)
    {
        if (!KernelForms.MayUseWarpgroups(device.Physical, unit))
            return (false, false);
        Case[] linear = [WarpgroupLinear(unit)], convolutions = WarpgroupConvolutions(unit);
        // Together, as drivers compile modules whole; what is refused is found out again.
        KernelCallRecording.TryBuildPrograms(device, linear.Concat(convolutions).SelectMany(c => Calls(c, Matrix(c))));
        return (
            linearTile is not null && Hold(device, linear) ? measurement.AreLinearFasterByWarpgroups(linearTile) : false,
            convolutionTile is not null && Hold(device, convolutions) ? measurement.AreConvolutionsFasterByWarpgroups(convolutionTile) : false);
    }

    /// <summary>A tile with all of k, and with k in parts.</summary>
    internal static bool LinearAgrees(GpuDevice device, MatrixUnit unit, MatrixTile tile) => Linears(unit, tile).All(c => Agrees(device, c));

    /// <summary>A tile with k in as many parts as the plan says.</summary>
    internal static bool LinearAgrees(GpuDevice device, MatrixUnit unit, TilePlan plan) => Agrees(device, Linear(unit, plan));

    /// <summary>Linear layers and convolutions by the warpgroup kernels.</summary>
    internal static bool WarpgroupsAgree(GpuDevice device, MatrixUnit unit) =>
        WarpgroupConvolutions(unit).Append(WarpgroupLinear(unit)).All(c => Agrees(device, c));

    internal static bool ConvolutionAgrees(GpuDevice device, MatrixUnit unit, MatrixTile tile, bool upsample) => Agrees(device, Convolution(unit, tile, upsample));

    /// <summary>By the unit's form for so many tokens.</summary>
    internal static bool AttentionAgrees(GpuDevice device, MatrixUnit unit, int tokens, int headDim) => Agrees(device, Attention(unit, tokens, headDim));

    /// <summary>A driver may also refuse to build a kernel, which is no reason to fail.</summary>
    private static bool Hold(GpuDevice device, Case[] cases)
    {
        try
        {
            return cases.All(c => Agrees(device, c));
        }
        catch (TitokException e) when (e.IsRefusal(device))
        {
            return false;
        }
    }

    private static Case[] Linears(MatrixUnit unit, MatrixTile tile) => [Linear(unit, new TilePlan(tile, 1)), Linear(unit, new TilePlan(tile, 2))];

    /// <summary>A tokenizer's heads, and those of a BERT generator.</summary>
    private static Case[] Attentions(MatrixUnit unit) => [Attention(unit, 33, 64), Attention(unit, 150, 64), Attention(unit, 33, 48)];

    private static Case[] Convolutions(MatrixUnit unit, MatrixTile tile) => [Convolution(unit, tile, upsample: false), Convolution(unit, tile, upsample: true)];

    private static Case Convolution(MatrixUnit unit, MatrixTile tile, bool upsample) =>
        // Half a slab is left over, or in panels a part of a fragment.
        Convolution(unit, unit.WeightFragments ? 48 : 40, outChannels: 24, upsample, (graph, x, shape) =>
            Conv3x3Kernel.Variant(graph.Profile, x, shape, upsample, graph.Profile.Unit is null ? null : new TilePlan(tile, 1)));

    private static Case[] WarpgroupConvolutions(MatrixUnit unit) => [WarpgroupConvolution(unit, upsample: false), WarpgroupConvolution(unit, upsample: true)];

    private static Case WarpgroupConvolution(MatrixUnit unit, bool upsample) =>
        Convolution(unit, channels: 128, outChannels: 2 * WarpgroupBlock.Columns, upsample, (graph, x, shape) => graph.Profile.Unit is null
            ? Conv3x3Kernel.Variant(graph.Profile, x, shape, upsample)
            : GemmVariant.ForWarpgroups("conv3x3"));

    private static Case Convolution(MatrixUnit unit, int channels, int outChannels, bool upsample, Func<Graph, Tensor, Shape, GemmVariant> variant) => new(unit, graph =>
    {
        const int Size = 10;
        int padded = (outChannels + WeightRequest.PanelWidth - 1) / WeightRequest.PanelWidth * WeightRequest.PanelWidth;
        Tensor x = graph.External("x", DataType.Float16, 1, Size, Size, channels);
        Tensor weight = graph.External("weight", DataType.Float16, padded, upsample ? 16 : 9, channels);
        Tensor bias = graph.External("bias", DataType.Float32, outChannels);
        int size = upsample ? 2 * Size : Size;
        Tensor residual = graph.External("residual", DataType.Float16, 1, size, size, outChannels);
        Tensor y = graph.External("y", DataType.Float16, 1, size, size, outChannels);
        var epilogue = new GemmEpilogue(bias, Activation.None, residual);
        MatrixUnit? fragments = GemmVariant.ConvolutionFragments(graph.Profile, channels, Conv3x3Kernel.Taps(upsample));
        return WithWeight(graph, weight, fragments, w =>
            [Conv3x3Kernel.Create(graph.Profile, x, w, epilogue, y, y.Shape, upsample, null, variant(graph, x, y.Shape))]);
    });

    private static Case Attention(MatrixUnit unit, int tokens, int headDim) => new(unit, graph =>
    {
        const int Heads = 2;
        Tensor qkv = graph.External("qkv", DataType.Float16, 2, tokens, 3 * Heads * headDim);
        Tensor y = graph.External("y", DataType.Float16, 2, tokens, Heads * headDim);
        return [AttentionKernel.Create(graph.Profile, qkv, y, Heads)];
    });

    /// <summary>Every form reads weights in the same panels, or what is made of them, so that random panels do.</summary>
    private static Case Linear(MatrixUnit unit, TilePlan plan)
    {
        MatrixTile tile = plan.Tile;
        int rows = 2 * tile.Rows(unit) - 3, columns = 2 * tile.Columns(unit) - 8;
        int inner = 4 * tile.Inner(unit) + (unit.WeightFragments ? unit.K : 8);
        return new(unit, graph =>
        {
            Tensor x = graph.External("x", DataType.Float16, rows, inner);
            Tensor weight = graph.External("weight", DataType.Float16, 2 * tile.Columns(unit), inner);
            Tensor y = graph.External("y", DataType.Float16, rows, columns);
            var epilogue = new GemmEpilogue(
                graph.External("bias", DataType.Float32, columns), Activation.Gelu, graph.External("residual", DataType.Float16, rows, columns));
            if (graph.Profile.Unit is null)
                return [LinearKernel.Create(graph.Profile, x, weight, epilogue, y)];
            GemmVariant variant = GemmVariant.ForLinear(graph.Profile, rows, inner, columns, weight.Type, plan);
            MatrixUnit? fragments = GemmVariant.LinearFragments(graph.Profile, inner, weight.Type);
            if (plan.Parts == 1)
                return WithWeight(graph, weight, fragments, w => [LinearKernel.CreateMatrix(graph.Profile, variant, x, w, epilogue, y, columns, default)]);
            Tensor parts = graph.External("parts", DataType.Float32, rows, plan.Parts * columns);
            return WithWeight(graph, weight, fragments, w =>
            [
                LinearKernel.CreateMatrix(graph.Profile, variant, x, w, default, parts, columns, default),
                AddPartsKernel.Create(graph.Profile, parts, plan.Parts, epilogue, y, default),
            ]);
        });
    }

    /// <summary>Ragged rows, and a k of more slabs than are on their way at a time.</summary>
    private static Case WarpgroupLinear(MatrixUnit unit)
    {
        const int Inner = 384, Rows = 2 * WarpgroupBlock.Rows - 3, Columns = 2 * WarpgroupBlock.Columns;
        return new(unit, graph =>
        {
            Tensor x = graph.External("x", DataType.Float16, Rows, Inner), weight = graph.External("weight", DataType.Float16, Columns, Inner);
            Tensor y = graph.External("y", DataType.Float16, Rows, Columns);
            var epilogue = new GemmEpilogue(
                graph.External("bias", DataType.Float32, Columns), Activation.Gelu, graph.External("residual", DataType.Float16, Rows, Columns));
            if (graph.Profile.Unit is null)
                return [LinearKernel.Create(graph.Profile, x, weight, epilogue, y)];
            MatrixUnit? fragments = GemmVariant.LinearFragments(graph.Profile, Inner, weight.Type);
            return WithWeight(graph, weight, fragments, w =>
                [LinearKernel.CreateMatrix(graph.Profile, GemmVariant.ForWarpgroups("linear"), x, w, epilogue, y, Columns, default)]);
        });
    }

    /// <summary>What is done with a weight that lies in panels, after it has been made into fragments where it is read so.</summary>
    private static KernelCall[] WithWeight(Graph graph, Tensor panels, MatrixUnit? fragments, Func<Tensor, KernelCall[]> calls)
    {
        if (fragments is null)
            return calls(panels);
        Tensor weight = graph.External("fragments", panels.Type, [.. Enumerable.Range(0, panels.Shape.Rank).Select(axis => panels.Shape[axis])]);
        return [WeightFragmentsKernel.Create(fragments, panels, weight), .. calls(weight)];
    }

    private static KernelProfile Portable { get; } = new(KernelForm.Portable, DataType.Float16);

    private static KernelProfile Matrix(Case tested) => new(tested.Unit.Form, DataType.Float16) { Unit = tested.Unit };

    private static KernelCall[] Calls(Case tested, KernelProfile profile) => tested.Create(new Graph("self-test", profile));

    private static bool Agrees(GpuDevice device, Case tested)
    {
        Half[] portable = Compute(device, Calls(tested, Portable)), matrix = Compute(device, Calls(tested, Matrix(tested)));
        double error = 0, norm = 0;
        for (int i = 0; i < portable.Length; i++)
        {
            double expected = (double)portable[i], difference = (double)matrix[i] - expected;
            error += difference * difference;
            norm += expected * expected;
        }
        // Also false where a number is not one.
        return norm > 0 && Math.Sqrt(error / norm) <= Bound;
    }

    private static Half[] Compute(GpuDevice device, KernelCall[] calls)
    {
        var random = new Random(1);
        var contents = new Dictionary<Value, byte[]>();
        // By name, since a form may have more of them than another.
        foreach (Value value in ValuesWith(calls, Access.Read).Except(ValuesWith(calls, Access.Write)).OrderBy(v => v.Name, StringComparer.Ordinal))
            contents.Add(value, RandomBytes(value, random));
        using var run = new ScratchRun(device, calls, contents);
        run.Run();
        return run.ReadHalves(calls[^1].Bindings.First(b => b.Access == Access.Write).Tensor);
    }

    private static IEnumerable<Value> ValuesWith(KernelCall[] calls, Access access) =>
        calls.SelectMany(c => c.Bindings).Where(b => b.Access == access).Select(b => b.Tensor.Value).Distinct();

    private static byte[] RandomBytes(Value value, Random random)
    {
        float[] floats = [.. Enumerable.Range(0, (int)(value.SizeInBytes / value.Type.SizeInBytes())).Select(_ => random.NextSingle() - 0.5f)];
        return value.Type == DataType.Float16
            ? MemoryMarshal.AsBytes(Array.ConvertAll(floats, f => (Half)f).AsSpan()).ToArray()
            : MemoryMarshal.AsBytes(floats.AsSpan()).ToArray();
    }

    /// <summary>An op on random numbers, by whichever kernels a graph's profile asks for.</summary>
    private sealed record Case(MatrixUnit Unit, Func<Graph, KernelCall[]> Create);
}
