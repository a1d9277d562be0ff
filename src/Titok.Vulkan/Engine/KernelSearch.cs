using Microsoft.Extensions.Logging;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Engine;

/// <summary>Finds out which of the kernels that a device has all for are right there, and the fastest.</summary>
internal static class KernelSearch
{
    /// <summary>How many times as fast as the portable kernels matrix units are where nothing else need be tried.</summary>
    private const double ClearlyFaster = 4;

    /// <summary>Multiplies matrix units' times before comparing: they gain the most from batches larger than those measured.</summary>
    private const double MatrixAdvantage = 0.9;

    /// <summary>
    /// Which form suits a CPU driver depends on how it compiles loads, not on anything it says about itself, so it is measured; of
    /// what a GPU has, the fastest of what gives right numbers is used.
    /// </summary>
    public static KernelChoice FindOut(GpuDevice device, SearchOptions options)
    {
        if (device.Physical.Type != TitokDeviceType.Cpu)
            return FastestOnGpu(device, options);
        if (!KernelSupport.Supports(device.Physical, KernelForm.CpuLanes))
            return new KernelChoice(KernelForm.Portable);
        if (!KernelSupport.Supports(device.Physical, KernelForm.CpuUniform))
            return new KernelChoice(KernelForm.CpuLanes);
        return KernelTrial.Run(
            device, KernelReport.Name(KernelForm.CpuUniform), leftOut: new KernelChoice(KernelForm.CpuLanes), () => new KernelChoice(CpuFormMeasurement.Fastest(device, options)));
    }

    /// <summary>
    /// The fastest of what is right. Multiply-adds are not looked at where matrix units are so much faster than the portable kernels
    /// that they could not come near.
    /// </summary>
    /// <param name="device">To find out about.</param>
    /// <param name="options">How.</param>
    internal static KernelChoice FastestOnGpu(GpuDevice device, SearchOptions options)
    {
        var choices = new List<KernelChoice> { new(KernelForm.Portable) };
        int fastest = 0;
        bool isComplete = true, isMeasured = false;
        foreach (KernelForm form in (KernelForm[])[KernelForm.Matrix, KernelForm.MultiplyAdd])
        {
            if (KernelSupport.UnitOf(device.Physical, form) is not { } unit)
                continue;
            if (Try(device, unit, options) is not { } choice)
                continue;
            choices.Add(choice);
            // Under a note of its own, or the self-test, which ends well, would take this one's away.
            double[]? seconds = KernelTrial.Run(
                device, $"{KernelReport.Name(form)} in parts of an image", leftOut: [], () => PictureMeasurement.Seconds(device, [.. choices.Select(c => c.ProfileFor(DataType.Float16))], options));
            if (seconds is [])
            {
                // Left out.
                choices.RemoveAt(choices.Count - 1);
            }
            else if (seconds is not null)
            {
                isMeasured = true;
                fastest = Enumerable.Range(0, seconds.Length).MinBy(i => seconds[i] * (choices[i].Form == KernelForm.Matrix ? MatrixAdvantage : 1));
                if (fastest != 0 && seconds[fastest] * ClearlyFaster < seconds[0])
                    break;
            }
            else
            {
                isComplete = false;
                // What was made for the device is the better guess.
                if (!isMeasured)
                {
                    fastest = 1;
                    break;
                }
            }
        }
        return choices[fastest] with { IsComplete = isComplete && choices[fastest].IsComplete };
    }

    /// <summary>What a form gets right, and how it is the fastest; null where that is nothing, or where it was left out.</summary>
    private static KernelChoice? Try(GpuDevice device, GemmUnit unit, SearchOptions options)
    {
        KernelChoice? choice = KernelTrial.Run(device, KernelReport.Name(unit.Form), leftOut: null, () => GemmSelfTest.Run(device, unit, options));
        if (choice is null)
            return null;
        if (choice.Unit is not { } used)
        {
            Warn(device, unit.Form, "kernels");
            return null;
        }
        if (!used.Convolution)
            Warn(device, unit.Form, "kernels for convolutions");
        if (used.Form != KernelForm.Matrix || !device.Physical.Features.BinaryImport || !choice.IsComplete)
            return choice;
        KernelChoice withWarpgroups = KernelTrial.Run(device, "warpgroup kernels", leftOut: choice, () => WarpgroupSelfTest.Run(device, used, options));
        return withWarpgroups.IsComplete && WarpgroupSelfTest.MayChain(withWarpgroups.Unit!)
            ? KernelTrial.Run(device, "launches in chains", leftOut: withWarpgroups, () => WarpgroupSelfTest.WithChains(device, withWarpgroups, options))
            : withWarpgroups;
    }

    private static void Warn(GpuDevice device, KernelForm form, string dropped) =>
        device.Logger?.LogWarning("{Form} {Dropped} are wrong on {Device}, or refused by its driver, and not used", form, dropped, device.Physical.Name);
}
