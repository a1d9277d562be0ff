using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Engine;

/// <summary>Which of the CPU forms a driver runs faster, by a small matrix product.</summary>
internal static class CpuFormMeasurement
{
    private const int Rows = 48, Inner = 512, Columns = 512;

    /// <summary>Runs a form; the quickest counts, since anything else on the machine only ever adds time.</summary>
    private const int Runs = 8;

    /// <summary>The last specialization constant of the uniform form (<see cref="GemmVariant.Constants"/>).</summary>
    private const uint NotUnrolled = 1;

    /// <summary>
    /// What unrolling gains where uniform loads are scalar. The form is measured without, because a driver whose loads
    /// are not would compile the unrolled loop for seconds; it is twenty times slower there, so the guess is safe.
    /// </summary>
    private const double UnrollingGain = 3;

    public static KernelForm Fastest(GpuDevice device)
    {
        using ScratchRun uniform = Make(device, KernelForm.CpuUniform), lanes = Make(device, KernelForm.CpuLanes);
        // In turn, so that a busy moment of the machine meets both. The first run of each compiles.
        double uniformSeconds = double.PositiveInfinity, lanesSeconds = double.PositiveInfinity;
        for (int run = 0; run <= Runs; run++)
        {
            double u = uniform.Run(), l = lanes.Run();
            if (run > 0)
                (uniformSeconds, lanesSeconds) = (Math.Min(uniformSeconds, u), Math.Min(lanesSeconds, l));
        }
        return uniformSeconds / UnrollingGain < lanesSeconds ? KernelForm.CpuUniform : KernelForm.CpuLanes;
    }

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
