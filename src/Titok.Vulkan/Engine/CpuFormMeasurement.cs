using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Engine;

/// <summary>Which of the CPU forms a driver runs faster, by a small matrix product.</summary>
internal static class CpuFormMeasurement
{
    private const int Rows = 48, Inner = 512, Columns = 512;

    /// <summary>
    /// Runs of each form: before the first look for a clear winner, and at most. The quickest counts, since anything else on
    /// the machine only ever adds time. On a busy one it may add to all of the first few, and what is found out is remembered.
    /// </summary>
    private const int FirstRuns = 8, MaxRuns = 64;

    /// <summary>
    /// The uniform form's time over the lanes form's: below the first it is clearly the faster, above the second clearly the slower. It
    /// is 0.8 on an idle machine with Mesa 26.2, and 8 with 22.3.
    /// </summary>
    private const double ClearlyFaster = 1.5, ClearlySlower = 6;

    /// <summary>The last specialization constant of the uniform form (<see cref="GemmVariant.Constants"/>).</summary>
    private const uint NotUnrolled = 1;

    /// <summary>
    /// What unrolling gains where uniform loads are scalar. The form is measured without, because a driver whose loads
    /// are not would compile the unrolled loop for seconds.
    /// </summary>
    private const double UnrollingGain = 3;

    public static KernelForm Fastest(GpuDevice device, SearchOptions options)
    {
        using ScratchRun uniform = Make(device, KernelForm.CpuUniform), lanes = Make(device, KernelForm.CpuLanes);
        // In turn, so that a busy moment of the machine meets both. The first run of each compiles.
        double uniformSeconds = double.PositiveInfinity, lanesSeconds = double.PositiveInfinity;
        for (int run = 0; run <= MaxRuns && (run <= FirstRuns || !IsClear(uniformSeconds / lanesSeconds)); run++)
        {
            options.Pause();
            double u = uniform.Run(), l = lanes.Run();
            if (run > 0)
                (uniformSeconds, lanesSeconds) = (Math.Min(uniformSeconds, u), Math.Min(lanesSeconds, l));
        }
        return uniformSeconds / UnrollingGain < lanesSeconds ? KernelForm.CpuUniform : KernelForm.CpuLanes;
    }

    private static bool IsClear(double ratio) => ratio is < ClearlyFaster or > ClearlySlower;

    private static ScratchRun Make(GpuDevice device, KernelForm form)
    {
        var graph = new Graph("kernel form", new KernelProfile(form, DataType.Float32));
        Tensor x = graph.External("x", DataType.Float32, Rows, Inner);
        Tensor weight = graph.External("weight", DataType.Float32, Columns, Inner);
        Tensor y = graph.External("y", DataType.Float32, Rows, Columns);
        KernelCall call = LinearKernel.CreateBare(graph.Profile, x, weight, y);
        if (form == KernelForm.CpuUniform)
            call = call with { Specialization = call.Specialization.SetItem(call.Specialization.Length - 1, NotUnrolled) };
        return new ScratchRun(device, [call]);
    }
}
