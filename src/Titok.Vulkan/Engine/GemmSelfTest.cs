using Titok.Vulkan.Gpu;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Engine;

/// <summary>
/// Holds the kernels for a device's matrix units, or those that take their place, against its portable ones on random numbers
/// with ragged ends: linear layers by every tile, with k whole and in parts, convolutions by the usual large tile, and once by every small
/// one, attention at the published models' head widths. An op that is wrong, or that the driver refuses, goes to the portable
/// kernel. Of norms that are folded into linear layers, those by spans are tried; others are left to the tests, being plain arithmetic
/// around the same blocks. What can be added to matrix units by warpgroups is <see cref="WarpgroupSelfTest"/>'s.
/// </summary>
internal static class GemmSelfTest
{
    /// <param name="device">To test.</param>
    /// <param name="unit">Its matrix units, or what takes their place.</param>
    /// <param name="options">How.</param>
    public static KernelChoice Run(GpuDevice device, GemmUnit unit, SearchOptions options)
    {
        GemmUnit[] ways = unit.WeightFragments ? [unit, unit.WithFragments(false)] : [unit];
        return ways.Select(way => Try(device, way, options)).FirstOrDefault(choice => choice is not null) ?? new KernelChoice(KernelForm.Portable);
    }

    /// <summary>With weights as fragments, or in panels; null where linear layers are wrong so.</summary>
    private static KernelChoice? Try(GpuDevice device, GemmUnit unit, SearchOptions options)
    {
        GemmTile[] large = [.. GemmTiles.Large(unit).Where(tile => tile.Fits(unit))], small = [.. GemmTiles.Small(unit)];
        if (large.Length == 0)
            return null;
        GemmTile usual = large[0];
        // Some weights do not come in whole fragments.
        SelfTestCase[] panels = unit.WeightFragments ? GemmCases.Linears(unit with { WeightFragments = false }, usual) : [];
        SelfTestCase[] convolutions = [.. GemmCases.Convolutions(unit, usual), .. small.Select(tile => GemmCases.SmallConvolution(unit, tile))], norms = [GemmCases.Norms(unit, usual)];
        AttentionForm[] forms = [.. KernelSupport.AttentionForms(device.Physical, unit).Where(form => form != AttentionForm.Warpgroup)];
        SelfTestCase[] cases =
        [
            .. large.Union(small).SelectMany(tile => GemmCases.Linears(unit, tile)), .. panels, .. norms, .. convolutions,
            .. forms.SelectMany(form => GemmCases.Attentions(unit.With(form))),
        ];
        // All at once, which is how a driver compiles them the soonest; what it refuses is found out again where it is tested.
        KernelCallRecording.TryBuildPrograms(device, cases.SelectMany(c => c.Calls), options.Pause);

        if (!small.All(tile => SelfTestCase.AllAgree(device, options, GemmCases.Linears(unit, tile))) || !SelfTestCase.AllAgree(device, options, panels) || !SelfTestCase.AllAgree(device, options, norms))
            return null;
        large = [.. large.Where(tile => small.Contains(tile) || SelfTestCase.AllAgree(device, options, GemmCases.Linears(unit, tile)))];
        if (large.Length == 0)
            return null;
        bool convolution = SelfTestCase.AllAgree(device, options, convolutions);
        forms = [.. forms.Where(form => SelfTestCase.AllAgree(device, options, GemmCases.Attentions(unit.With(form))))];
        var measurement = new KernelMeasurement(device, unit, options);
        GemmTile? linearTile = measurement.FastestLinear(large);
        GemmTile? convolutionTile = convolution ? measurement.FastestConvolution(large) : usual;
        if (convolution && convolutionTile is { } fastest && fastest != usual && !SelfTestCase.AllAgree(device, options, GemmCases.Convolutions(unit, fastest)))
            convolutionTile = usual;
        // Without matrix units it is not clear that another form is faster.
        if (forms.Length == 0 || forms.Contains(AttentionForm.MultiplyAdd))
            forms = [AttentionForm.Portable, .. forms];
        AttentionForm? shortAttention = measurement.FastestShortAttention(forms), longAttention = measurement.FastestLongAttention(forms);
        // Where they could not be measured any of them is right, and a model may still fit.
        return new KernelChoice(unit with
        {
            Convolution = convolution,
            ShortAttention = shortAttention ?? forms[^1],
            LongAttention = longAttention ?? forms[^1],
            LinearTile = linearTile ?? large[0],
            ConvolutionTile = convolutionTile ?? large[0],
        })
        {
            IsComplete = linearTile is not null && convolutionTile is not null && shortAttention is not null && longAttention is not null,
        };
    }
}
