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
        double productSeconds = Seconds(device, LinearKernel.CreateBare(profile, x, weight, y), repeats);
        // Drivers may copy slower than a kernel does, which is what models run.
        double copySeconds = Math.Min(TransferSeconds(device), Seconds(device, Copy(graph), Repeats));
        return new TitokDeviceCeilings(2 * CopySizeInBytes / copySeconds, 2.0 * size * size * size / productSeconds);
    }

    private static KernelCall Copy(Graph graph)
    {
        const int Channels = 1024;
        int tokens = (int)(CopySizeInBytes / (Channels * DataType.Float32.SizeInBytes()));
        return TakeTokensKernel.Create(
            graph.External("copy from", DataType.Float32, 1, tokens, Channels), graph.External("copy to", DataType.Float32, 1, tokens, Channels), firstToken: 0);
    }

    /// <summary>A call's time, of several in a row.</summary>
    private static double Seconds(GpuDevice device, KernelCall call, int repeats)
    {
        using var run = new ScratchRun(device, [.. Enumerable.Repeat(call, repeats)]);
        run.Run();
        return Enumerable.Range(0, Runs).Min(_ => run.Run()) / repeats;
    }

    private static double TransferSeconds(GpuDevice device)
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
