using System.Runtime.InteropServices;
using Titok.Vulkan.Engine;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Benchmarks;

/// <summary>What an op took: the median and the least of its runs, and what it had to do.</summary>
internal sealed record OpTime(double MedianMilliseconds, double LeastMilliseconds, double Operations, double Bytes)
{
    private const int LeastRuns = 5, MaxRuns = 200;

    public static OpTime Measure(GpuDevice device, KernelProfile profile, Op op) => Measure(device, op.Calls(profile), op.Operations, enoughSeconds: 0.5);

    public static OpTime Measure(GpuDevice device, KernelCall[] calls, double operations, double enoughSeconds)
    {
        // On a GPU a single op is over before its submission is: many in a row tell its own time.
        int repeats = device.Physical.Type == TitokDeviceType.Cpu ? 1 : 50;
        KernelCall[] repeated = [.. Enumerable.Repeat(calls, repeats).SelectMany(c => c)];
        using var run = new ScratchRun(device, repeated, Contents(calls));
        run.Run();
        var seconds = new List<double>();
        while (seconds.Count < LeastRuns || (seconds.Sum() < enoughSeconds && seconds.Count < MaxRuns))
            seconds.Add(run.Run());
        double[] sorted = [.. seconds.Order()];
        return new OpTime(
            1e3 * sorted[sorted.Length / 2] / repeats,
            1e3 * sorted[0] / repeats,
            operations,
            calls.Sum(c => c.Bytes));
    }

    /// <summary>Small random numbers in everything that is read: zeros would flatter some processors.</summary>
    private static Dictionary<Value, byte[]> Contents(KernelCall[] calls)
    {
        var random = new Random(1);
        var contents = new Dictionary<Value, byte[]>();
        foreach (Value value in calls.SelectMany(c => c.Bindings).Select(b => b.Tensor.Value).Where(v => v.Kind is not (ValueKind.Intermediate or ValueKind.Counters)).DistinctBy(v => v.Id))
        {
            if (value.Type == DataType.Int8)
            {
                random.NextBytes(contents[value] = new byte[value.SizeInBytes]);
                continue;
            }
            float[] floats = [.. Enumerable.Range(0, (int)(value.SizeInBytes / value.Type.SizeInBytes())).Select(_ => random.NextSingle() - 0.5f)];
            contents[value] = value.Type == DataType.Float16
                ? MemoryMarshal.AsBytes(Array.ConvertAll(floats, f => (Half)f).AsSpan()).ToArray()
                : MemoryMarshal.AsBytes(floats.AsSpan()).ToArray();
        }
        return contents;
    }
}
