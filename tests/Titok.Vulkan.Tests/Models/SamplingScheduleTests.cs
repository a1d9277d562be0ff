using Titok.Vulkan.Kernels;
using Titok.Vulkan.Models;

namespace Titok.Vulkan.Tests.Models;

/// <summary>The sampling loop's settings against numbers worked out by hand.</summary>
public class SamplingScheduleTests
{
    [Fact]
    public void GuidanceSchedules()
    {
        Assert.Equal([3, 3, 3, 3], Guidance(GuidanceDecay.Constant, 3));
        Assert.Equal([0, 0.75f, 1.5f, 2.25f], Guidance(GuidanceDecay.Linear, 3));

        // 1 + (3 − 1)·½(1 − cos(π·(s/4)³)): exponents 0, 1/64, 1/8, 27/64.
        float[] powerCosine = Guidance(GuidanceDecay.PowerCosine, 3);
        Assert.Equal([1, 1.0012045f, 1.0761205f, 1.7570198f], powerCosine, (a, b) => MathF.Abs(a - b) < 2e-6f);
    }

    [Fact]
    public void StepsThatGuidanceChangesNothingInSkipTheUnconditionalPass()
    {
        StepSettings[] linear = Create(4, GuidanceDecay.Linear, 3), power = Create(4, GuidanceDecay.PowerCosine, 3);
        Assert.Equal([false, true, true, true], linear.Select(s => SamplingSchedule.IsGuided(s)));
        Assert.Equal([false, true, true, true], power.Select(s => SamplingSchedule.IsGuided(s)));
        Assert.Equal(3, Create(new GenerationSettings(64, 6.9f, GuidanceDecay.PowerCosine, 3, 2.8f, Anneal: false), latents: 128).Count(s => !SamplingSchedule.IsGuided(s)));
        Assert.All(Create(4, GuidanceDecay.PowerCosine, 1), s => Assert.False(SamplingSchedule.IsGuided(s)));
        Assert.All(Create(4, GuidanceDecay.Constant, 0), s => Assert.False(SamplingSchedule.IsGuided(s)));

        // Away from the class.
        Assert.All(Create(4, GuidanceDecay.Constant, -2), s => Assert.True(SamplingSchedule.IsGuided(s)));
        Assert.Equal([false, true, true, true], Create(4, GuidanceDecay.PowerCosine, 0.5f).Select(s => SamplingSchedule.IsGuided(s)));
    }

    /// <summary>floor(32 · acos(r) / (π/2)) for r = 1/8 … 8/8.</summary>
    [Fact]
    public void PositionsMaskedAgain() => Assert.Equal([29u, 26u, 24u, 21u, 18u, 14u, 10u, 0u], Create(8, GuidanceDecay.Constant, 1).Select(s => s.MaskCount));

    [Fact]
    public void TemperaturesFall()
    {
        StepSettings[] settings = Create(new GenerationSettings(4, 1, GuidanceDecay.Constant, 3, Temperature: 8, Anneal: true));
        Assert.Equal([6f, 4f, 2f, 0f], settings.Select(s => s.Temperature));
        Assert.Equal([1.1f, 0.9f, 0.7f, 0.5f], settings.Select(s => s.SoftmaxTemperature), (a, b) => MathF.Abs(a - b) < 1e-6f);
        Assert.Equal([0u, 0u, 0u, 1u], settings.Select(s => s.Last));
        Assert.All(Create(4, GuidanceDecay.Constant, 1), s => Assert.Equal(1, s.SoftmaxTemperature));
    }

    private static float[] Guidance(GuidanceDecay decay, float scale) => [.. Create(4, decay, scale).Select(s => s.Guidance)];

    private static StepSettings[] Create(int steps, GuidanceDecay decay, float scale) =>
        Create(new GenerationSettings(steps, scale, decay, GuidancePower: 3, Temperature: 0, Anneal: false));

    private static StepSettings[] Create(GenerationSettings settings, int latents = 32)
    {
        var schedule = new StepSettings[settings.Steps];
        SamplingSchedule.Fill(settings, latents, schedule);
        return schedule;
    }
}
