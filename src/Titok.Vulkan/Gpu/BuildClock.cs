using System.Diagnostics;

namespace Titok.Vulkan.Gpu;

/// <summary>Adds up what a driver takes to build programs; threads that build at once count each.</summary>
internal sealed class BuildClock
{
    private long _ticks;

    public TimeSpan Total => TimeSpan.FromTicks(Interlocked.Read(ref _ticks));

    /// <param name="start">What <see cref="Stopwatch.GetTimestamp"/> was before the call that built something.</param>
    public void AddSince(long start) => Interlocked.Add(ref _ticks, Stopwatch.GetElapsedTime(start).Ticks);
}
