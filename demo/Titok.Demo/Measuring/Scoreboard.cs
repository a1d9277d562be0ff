using System.Diagnostics;
using System.Globalization;
using Titok.Demo.Drawing;
using Titok.Demo.Making;
using Titok.Demo.Scene;

namespace Titok.Demo.Measuring;

/// <summary>Keeps the numbers: those that the panel shows, and those that go into the statistics.</summary>
internal sealed class Scoreboard(DemoOptions options, Director director)
{
    /// <summary>Memory is looked at once pictures have flowed for a while, and again in the end.</summary>
    private const double EarlyShare = 0.25, EarlyInSeconds = 15;

    private const double RefreshInSeconds = 0.5;

    private readonly RateMeter _births = new();
    private long _tick;
    private double _shownAt = double.NegativeInfinity;
    private OverlayContent _shown = new();
    private (long Resident, long Device)? _early;
    private int _targets;

    public FramePacing Pacing { get; } = new();

    public double SinceTickInMilliseconds => Stopwatch.GetElapsedTime(_tick).TotalMilliseconds;

    /// <summary>A frame was sent off.</summary>
    public void Tick(Session session, double seconds)
    {
        // What loading does to the pace is not what is measured.
        if (session.Studio is null || director.Births == 0)
            Pacing.Pause();
        else
            Pacing.Tick();
        _tick = Stopwatch.GetTimestamp();
        _targets = Math.Max(_targets, session.Target.Generation);
        if (_early is null && director.Births > 0 && seconds > (options.Seconds * EarlyShare ?? EarlyInSeconds))
            _early = (Environment.WorkingSet, session.Model?.MemoryInUseInBytes ?? 0);
    }

    /// <summary>The numbers of late, twice a second.</summary>
    public OverlayContent Describe(Session session)
    {
        if (director.Now < _shownAt + RefreshInSeconds && session.Studio is not null)
            return _shown;
        _shownAt = director.Now;
        if (session.Studio is not { } studio)
            return new OverlayContent { Notice = "loading the model…", Device = session.Device.Adapter.Name };
        double rate = _births.Rate(director.Now, director.Births);
        _shown = new OverlayContent
        {
            // Nothing stands where nothing is measured yet.
            Rate = director.Births == 0 ? "" : $"{rate.ToString(rate < 0.0995 ? "0.00" : rate < 9.95 ? "0.0" : "0", CultureInfo.InvariantCulture)} images/s",
            Times = string.Join("  ·  ", new[] { ("step", studio.Times.Step), ("frame", Pacing.RecentInMilliseconds) }
                .Where(time => time.Item2 > 0).Select(time => $"{time.Item1} {Duration(time.Item2)}")),
            Device = session.Device.Adapter.Name,
        };
        return _shown;
    }

    /// <summary>All that was measured.</summary>
    public Statistics Finish(Session session, double refresh, double seconds)
    {
        long device = session.Model?.MemoryInUseInBytes ?? 0;
        return new Statistics
        {
            Device = session.Device.Adapter.Name,
            Driver = session.Model?.Device.Driver ?? "",
            Pacing = Pacing,
            RefreshInHertz = refresh,
            Seconds = seconds,
            Pictures = director.Births,
            Steps = session.Studio?.Steps ?? 0,
            StepInMilliseconds = session.Studio?.Times.Step ?? 0,
            Resident = (_early?.Resident ?? 0, Environment.WorkingSet),
            DeviceMemory = (_early?.Device ?? 0, device),
            TargetsMade = _targets,
            ValidationMessages = session.Device.Instance.ValidationMessages,
        };
    }

    private static string Duration(double milliseconds) => milliseconds < 999.5
        ? $"{milliseconds.ToString(milliseconds < 9.95 ? "0.0" : "0", CultureInfo.InvariantCulture)} ms"
        : $"{(milliseconds / 1000).ToString("0.0", CultureInfo.InvariantCulture)} s";
}
