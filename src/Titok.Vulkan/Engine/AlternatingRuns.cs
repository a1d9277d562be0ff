using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Engine;

/// <summary>Times alternatives by turns, so that a busy moment of the machine meets all of them.</summary>
internal static class AlternatingRuns
{
    /// <summary>The least seconds that each took.</summary>
    /// <param name="device">To run on.</param>
    /// <param name="alternatives">The calls of each.</param>
    /// <param name="leastSeconds">For how long to run at the least, all together.</param>
    /// <param name="leastRounds">How often to run each at the least, where that takes no longer than it may.</param>
    /// <param name="maxSeconds">After how long no more rounds are begun.</param>
    /// <param name="pause">Called before every round; what it throws ends them.</param>
    /// <exception cref="OutOfDeviceMemoryException">The device has no memory for their tensors.</exception>
    public static double[] LeastSeconds(
        GpuDevice device, IReadOnlyList<KernelCall[]> alternatives, double leastSeconds, int leastRounds, double maxSeconds, Action pause)
    {
        // All are made first, so that the device has no time to slow down between them.
        using var run = new ScratchRun(device, alternatives);
        var seconds = new double[alternatives.Count];
        Array.Fill(seconds, double.PositiveInfinity);
        double all = 0;
        for (int round = 0; round == 0 || all < leastSeconds || (round < leastRounds && all < maxSeconds); round++)
        {
            pause();
            for (int i = 0; i < seconds.Length; i++)
            {
                double took = run.Run(i);
                seconds[i] = Math.Min(seconds[i], took);
                all += took;
            }
        }
        return seconds;
    }
}
