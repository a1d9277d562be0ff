using System.Collections.Concurrent;
using System.Diagnostics;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Engine;

/// <summary>Which forms of the kernels a device can run, and which of them it runs fastest.</summary>
internal static class KernelForms
{
    private const int Rows = 48, Inner = 512, Columns = 512;

    /// <summary>The last specialization constant of the uniform form (<see cref="GemmVariant.UnrollQuads"/>).</summary>
    private const uint NotUnrolled = 1;

    /// <summary>
    /// What unrolling gains where uniform loads are scalar. The form is measured without, because a driver whose loads
    /// are not would compile the unrolled loop for seconds; it is twenty times slower there, so the guess is safe.
    /// </summary>
    private const double UnrollingGain = 3;

    /// <summary>What was measured in this process, by device and driver: a host may make many devices.</summary>
    private static readonly ConcurrentDictionary<(string Name, string Driver), KernelForm> s_measured = new();

    public static bool Supports(GpuPhysicalDevice device, KernelForm form)
    {
        bool lanes = device.Features is { SubgroupOperations: true, Int64: true } && device.Limits.SubgroupSize == 8;
        return form switch
        {
            KernelForm.CpuLanes => lanes,
            KernelForm.CpuUniform => lanes && device.Features.BufferDeviceAddress,
            _ => true,
        };
    }

    /// <summary>
    /// The fastest form by a small matrix product. Only CPU drivers have a choice, and which form suits one depends on
    /// how it compiles loads, not on anything it says about itself.
    /// </summary>
    public static KernelForm Fastest(GpuDevice device)
    {
        if (device.Physical.Type != GpuDeviceType.Cpu)
            return KernelForm.Portable;
        if (!Supports(device.Physical, KernelForm.CpuLanes))
            return KernelForm.Portable;
        if (!Supports(device.Physical, KernelForm.CpuUniform))
            return KernelForm.CpuLanes;
        return s_measured.GetOrAdd((device.Physical.Name, device.Physical.Driver), _ =>
        {
            double uniform = MeasureInSeconds(device, KernelForm.CpuUniform) / UnrollingGain;
            return uniform < MeasureInSeconds(device, KernelForm.CpuLanes) ? KernelForm.CpuUniform : KernelForm.CpuLanes;
        });
    }

    private static double MeasureInSeconds(GpuDevice device, KernelForm form)
    {
        var graph = new Graph("kernel form", new KernelProfile(form, DataType.Float32));
        Tensor x = graph.External("x", DataType.Float32, Rows, Inner);
        Tensor weight = graph.External("weight", DataType.Float32, Columns, Inner);
        Tensor y = graph.External("y", DataType.Float32, Rows, Columns);
        KernelCall call = LinearKernel.Create(graph.Profile, x, weight, null, null, y, Activation.None);
        if (form == KernelForm.CpuUniform)
            call = call with { Specialization = call.Specialization.SetItem(call.Specialization.Length - 1, NotUnrolled) };

        Dictionary<Value, GpuBuffer> buffers = new[] { x, weight, y }.ToDictionary(
            t => t.Value, t => device.CreateBuffer(t.Value.SizeInBytes, GpuMemoryKind.Device, t.Value.Name));
        using GpuRecording recording = device.CreateRecording("kernel form");
        try
        {
            recording.Begin();
            recording.Fill(buffers[x.Value].Whole, 0);
            recording.Fill(buffers[weight.Value].Whole, 0);
            recording.Barrier();
            recording.Dispatch(device, call, value => buffers[value].Whole);
            recording.End();
            // The first run compiles; of the others the quicker counts, since anything else only ever adds time.
            double best = double.PositiveInfinity;
            for (int run = 0; run < 3; run++)
            {
                long start = Stopwatch.GetTimestamp();
                device.Wait(device.Submit([recording]));
                if (run > 0)
                    best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
            return best;
        }
        finally
        {
            foreach (GpuBuffer buffer in buffers.Values)
                buffer.Dispose();
        }
    }
}
