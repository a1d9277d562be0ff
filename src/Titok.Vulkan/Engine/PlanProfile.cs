using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Engine;

/// <summary>Where the time of a plan goes: a recording of its own, with a timestamp after every dispatch.</summary>
internal static class PlanProfile
{
    /// <summary>Times by kernel, the longest first; empty where the device has no timestamps.</summary>
    /// <param name="device">Device of the plan.</param>
    /// <param name="instance">The plan; its buffers are used.</param>
    /// <param name="start">Written first, outside the measured time; null for nothing.</param>
    public static IReadOnlyList<TitokKernelTime> Measure(GpuDevice device, PlanInstance instance, Action<GpuCommands>? start = null)
    {
        if (device.Physical.TimestampBits == 0)
            return [];
        IReadOnlyList<Dispatch> dispatches = instance.Plan.Dispatches;
        using GpuRecording recording = device.CreateRecording("profile");
        recording.Begin();
        start?.Invoke(recording.Commands);
        recording.Barrier();
        recording.Timestamp("start");
        for (int dispatch = 0; dispatch < dispatches.Count; dispatch++)
        {
            recording.Emit(instance.Dispatches, dispatch, 1);
            recording.Timestamp("dispatch");
        }
        recording.End();
        // The second run counts: the first may still find things cold.
        for (int run = 0; run < 2; run++)
            device.Wait(device.Submit(recording));
        return
        [
            .. recording.ReadTimestamps().Skip(1).Zip(dispatches)
                .GroupBy(t => t.Second.Call.Program, StringComparer.Ordinal)
                .Select(group => new TitokKernelTime(
                    group.Key,
                    group.Count(),
                    group.Sum(t => t.First.Milliseconds),
                    group.Sum(t => KernelWork.Of(t.Second.Call).Operations),
                    group.Sum(t => KernelWork.Of(t.Second.Call).Bytes)))
                .OrderByDescending(k => k.Milliseconds),
        ];
    }
}
