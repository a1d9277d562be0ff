using Titok.Vulkan.Gpu;

namespace Titok.Vulkan.Engine;

/// <summary>Where the time of a plan goes: recordings of its own, with a timestamp after every dispatch.</summary>
internal static class PlanProfile
{
    /// <summary>Times by kernel, the longest first; empty where the device has no timestamps.</summary>
    /// <param name="device">Device of the plan.</param>
    /// <param name="instance">The plan; its buffers are used.</param>
    /// <param name="longest">How much one submission may have of it, by time.</param>
    /// <param name="start">Written first, outside the measured time; null for nothing.</param>
    public static IReadOnlyList<TitokKernelTime> Kernels(
        GpuDevice device, PlanInstance instance, SliceBudget longest, Action<GpuCommands>? start = null) =>
    [
        .. Milliseconds(device, instance, longest, start).Zip(instance.Plan.Dispatches)
            .GroupBy(t => t.Second.Call.Program, StringComparer.Ordinal)
            .Select(group => new TitokKernelTime(
                group.Key,
                group.Count(),
                group.Sum(t => t.First),
                group.Sum(t => t.Second.Call.Operations),
                group.Sum(t => t.Second.Call.Bytes)))
            .OrderByDescending(k => k.Milliseconds),
    ];

    /// <summary>Times by part of the network, as <see cref="PlanInstance.PartTimes"/> has them; empty where the device has no timestamps.</summary>
    /// <param name="device">Device of the plan.</param>
    /// <param name="instance">The plan; its buffers are used.</param>
    /// <param name="longest">How much one submission may have of it, by time.</param>
    public static IReadOnlyList<(string Part, double Milliseconds)> Parts(GpuDevice device, PlanInstance instance, SliceBudget longest) =>
    [
        .. Milliseconds(device, instance, longest, start: null)
            .Select((milliseconds, dispatch) => (Part: instance.PartOf(dispatch), Milliseconds: milliseconds))
            .GroupBy(t => t.Part, (part, times) => (part, times.Sum(t => t.Milliseconds)), StringComparer.Ordinal),
    ];

    /// <summary>Times of all dispatches in order.</summary>
    private static List<double> Milliseconds(GpuDevice device, PlanInstance instance, SliceBudget longest, Action<GpuCommands>? start)
    {
        var milliseconds = new List<double>();
        if (device.Physical.TimestampBits == 0)
            return milliseconds;
        var recordings = new List<GpuRecording>();
        try
        {
            for (int first = 0; first < instance.Dispatches.Count;)
            {
                int end = EndOfSubmission(instance.Costs, first, instance.Dispatches.Count, longest);
                recordings.Add(device.CreateRecording("profile"));
                Record(recordings[^1], instance, first, end, first == 0 ? start : null);
                first = end;
            }
            // The second run counts: the first may still find things cold.
            for (int run = 0; run < 2; run++)
            {
                foreach (GpuRecording recording in recordings)
                    device.Wait(device.Submit(recording));
            }
            foreach (GpuRecording recording in recordings)
                milliseconds.AddRange(recording.ReadTimestamps().Skip(1).Select(t => t.Milliseconds));
            return milliseconds;
        }
        finally
        {
            foreach (GpuRecording recording in recordings)
                recording.Dispose();
        }
    }

    private static void Record(GpuRecording recording, PlanInstance instance, int first, int end, Action<GpuCommands>? start)
    {
        recording.Begin();
        start?.Invoke(recording.Commands);
        recording.Barrier();
        recording.Timestamp("start");
        for (int dispatch = first; dispatch < end; dispatch++)
        {
            recording.Emit(instance.Dispatches, dispatch, 1);
            recording.Timestamp("dispatch");
        }
        recording.End();
    }

    /// <summary>One dispatch at the least, and those after it that are expected to be done in time.</summary>
    private static int EndOfSubmission(PlanCosts costs, int first, int count, SliceBudget longest)
    {
        int end = first + 1;
        for (double expected = costs[first]; end < count && expected + costs[end] <= longest.Milliseconds; end++)
            expected += costs[end];
        return end;
    }
}
