using System.Diagnostics;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Engine;

/// <summary>Which forms of the kernels a device can run, and which of them it runs fastest.</summary>
internal static class KernelForms
{
    private const int Rows = 48, Inner = 512, Columns = 512;

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
        KernelForm[] supported = [.. new[] { KernelForm.CpuUniform, KernelForm.CpuLanes }.Where(f => Supports(device.Physical, f))];
        return supported.Length < 2
            ? supported.FirstOrDefault(KernelForm.Portable)
            : supported.MinBy(form => MeasureInSeconds(device, form));
    }

    private static double MeasureInSeconds(GpuDevice device, KernelForm form)
    {
        var graph = new Graph("kernel form", new KernelProfile(form, DataType.Float32));
        Tensor x = graph.External("x", DataType.Float32, Rows, Inner);
        Tensor weight = graph.External("weight", DataType.Float32, Columns, Inner);
        Tensor y = graph.External("y", DataType.Float32, Rows, Columns);
        KernelCall call = LinearKernel.Create(graph.Profile, x, weight, null, null, y, Activation.None);

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
