using System.Diagnostics;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Engine;

/// <summary>What a device can do at the best, by a large copy and a large matrix product.</summary>
internal static class CeilingMeasurement
{
    private const long CopySizeInBytes = 64 << 20;
    private const int Runs = 5, Repeats = 8;

    public static TitokDeviceCeilings Measure(GpuDevice device, KernelProfile profile)
    {
        // Large enough to fill the device, small enough for a CPU.
        int size = device.Physical.Type == TitokDeviceType.Cpu ? 1024 : 4096;
        var graph = new Graph("ceiling", profile);
        Tensor x = graph.External("x", profile.Activation, size, size);
        Tensor weight = graph.External("weight", profile.Activation, size, size);
        Tensor y = graph.External("y", profile.Activation, size, size);
        int repeats = device.Physical.Type == TitokDeviceType.Cpu ? 1 : Repeats;
        KernelCall call = LinearKernel.CreateBare(profile, x, weight, y);
        using var product = new ScratchRun(device, [.. Enumerable.Repeat(call, repeats)]);
        product.Run();
        double productSeconds = Enumerable.Range(0, Runs).Min(_ => product.Run()) / repeats;
        return new TitokDeviceCeilings(2 * CopySizeInBytes / CopySeconds(device), 2.0 * size * size * size / productSeconds);
    }

    private static double CopySeconds(GpuDevice device)
    {
        using GpuBuffer from = device.CreateBuffer(CopySizeInBytes, GpuMemoryKind.Device, "copy from"), to = device.CreateBuffer(CopySizeInBytes, GpuMemoryKind.Device, "copy to");
        using GpuRecording recording = device.CreateRecording("copy");
        recording.Begin();
        for (int repeat = 0; repeat < Repeats; repeat++)
        {
            recording.Copy(from.Whole, to.Whole);
            recording.Barrier();
        }
        recording.End();
        double best = double.PositiveInfinity;
        for (int run = 0; run < Runs; run++)
        {
            long start = Stopwatch.GetTimestamp();
            device.Wait(device.Submit(recording));
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return best / Repeats;
    }
}
