using System.Globalization;
using Titok.Demo.Drawing;
using Titok.Demo.Input;
using Titok.Vulkan;

namespace Titok.Demo.Scene;

/// <summary>What the stream of pictures is made with, and how fast; changed while it runs.</summary>
internal sealed class StreamSettings
{
    private const float GuidanceStep = 0.5f, TemperatureStep = 0.5f, MaxGuidance = 20, MaxTemperature = 30;
    private const int MaxSteps = 64;

    /// <summary>Steps a second that are shown of a picture; the last shows them as they come.</summary>
    private static readonly int[] s_speeds = [1, 2, 4, 8, 12, 20, 30, int.MaxValue];

    private static readonly int[] s_counts = [1, 2, 3, 4, 6, 8, 10, 12, 15, 18, 21, 24, 28, 32, 40, 48, 56, 64];

    private readonly GenerationSettings _default;
    private readonly Remembered<(ModelFacts Model, GenerationSettings Preset, int? OnlyClass, int Speed, int Count, bool IsPaused), IReadOnlyList<Chip>> _chips;
    private int _speed = 4;

    public StreamSettings(GenerationSettings preset, int count, int? onlyClass)
    {
        (_default, Preset, Count, OnlyClass) = (preset, preset, count, onlyClass);
        _chips = new(state => MakeChips(state.Model));
    }

    /// <summary>Settings of the sampling loop for pictures begun from now on.</summary>
    public GenerationSettings Preset { get; private set; }

    /// <summary>Pictures on the wall.</summary>
    public int Count { get; private set; }

    /// <summary>The class that all new pictures are of; null drifts through all.</summary>
    public int? OnlyClass { get; set; }

    /// <summary>Whether nothing moves on by itself.</summary>
    public bool IsPaused { get; set; }

    /// <summary>The least time between two steps of a picture; zero for as fast as they come.</summary>
    public TimeSpan StepInterval => s_speeds[_speed] == int.MaxValue ? TimeSpan.Zero : TimeSpan.FromSeconds(1.0 / s_speeds[_speed]);

    /// <summary>How long a finished picture stays at least.</summary>
    public TimeSpan Stay => StepInterval == TimeSpan.Zero ? TimeSpan.Zero : TimeSpan.FromSeconds(1.2) + 8 * StepInterval;

    /// <summary>Applies an action that is about these settings; false for any other.</summary>
    public bool Apply(DemoAction action)
    {
        switch (action)
        {
            case DemoAction.MorePictures or DemoAction.FewerPictures:
                Count = Next(s_counts, Count, action == DemoAction.MorePictures);
                return true;
            case DemoAction.MoreSteps or DemoAction.FewerSteps:
                Preset = Preset with { Steps = Math.Clamp(Preset.Steps + (action == DemoAction.MoreSteps ? 1 : -1), 1, MaxSteps) };
                return true;
            case DemoAction.MoreGuidance or DemoAction.LessGuidance:
                Preset = Preset with { Guidance = Math.Clamp(Preset.Guidance + (action == DemoAction.MoreGuidance ? GuidanceStep : -GuidanceStep), 0, MaxGuidance) };
                return true;
            case DemoAction.Warmer or DemoAction.Cooler:
                Preset = Preset with { Temperature = Math.Clamp(Preset.Temperature + (action == DemoAction.Warmer ? TemperatureStep : -TemperatureStep), 0, MaxTemperature) };
                return true;
            case DemoAction.Faster or DemoAction.Slower:
                _speed = Math.Clamp(_speed + (action == DemoAction.Faster ? 1 : -1), 0, s_speeds.Length - 1);
                return true;
            case DemoAction.ResetSettings:
                Preset = _default;
                return true;
            case DemoAction.Drift:
                OnlyClass = null;
                return true;
            case DemoAction.Pause:
                IsPaused = !IsPaused;
                return true;
            default:
                return false;
        }
    }

    /// <summary>The settings as the panel's last row shows them.</summary>
    public IReadOnlyList<Chip> Chips(ModelFacts model) => _chips.Of((model, Preset, OnlyClass, _speed, Count, IsPaused));

    private IReadOnlyList<Chip> MakeChips(ModelFacts model) =>
    [
        new("class", OnlyClass is { } only ? model.Label(only) : "all", DemoAction.Search, DemoAction.Drift),
        new("steps", Preset.Steps.ToString(CultureInfo.InvariantCulture), DemoAction.MoreSteps, DemoAction.FewerSteps),
        new("guidance", Preset.Guidance.ToString("0.0", CultureInfo.InvariantCulture), DemoAction.MoreGuidance, DemoAction.LessGuidance),
        new("temperature", Preset.Temperature.ToString("0.0", CultureInfo.InvariantCulture), DemoAction.Warmer, DemoAction.Cooler),
        new("speed", s_speeds[_speed] == int.MaxValue ? "full" : $"{s_speeds[_speed]}/s", DemoAction.Faster, DemoAction.Slower),
        new("images", Count.ToString(CultureInfo.InvariantCulture), DemoAction.MorePictures, DemoAction.FewerPictures),
        new("", IsPaused ? "paused" : "running", DemoAction.Pause, DemoAction.Pause),
    ];

    private static int Next(int[] choices, int from, bool up) => up
        ? choices.FirstOrDefault(c => c > from, from)
        : choices.LastOrDefault(c => c < from, from);
}
