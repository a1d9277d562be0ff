using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Models;

/// <summary>What every step of the sampling loop uses, worked out in double precision before the loop starts.</summary>
internal static class SamplingSchedule
{
    /// <param name="settings">What a request asks for.</param>
    /// <param name="latents">Tokens a picture, K.</param>
    /// <param name="schedule">Gets what each step uses, and is as long as there are steps.</param>
    public static void Fill(GenerationSettings settings, int latents, Span<StepSettings> schedule)
    {
        int steps = settings.Steps;
        for (int step = 0; step < steps; step++)
        {
            double progress = (double)step / steps;
            double ratio = (step + 1.0) / steps;
            schedule[step] = new StepSettings
            {
                Guidance = (float)(settings.Decay switch
                {
                    GuidanceDecay.Constant => settings.Guidance,
                    GuidanceDecay.Linear => settings.Guidance * progress,
                    GuidanceDecay.PowerCosine => 1 + (settings.Guidance - 1) * 0.5 * (1 - Math.Cos(Math.PI * Math.Pow(progress, settings.GuidancePower))),
                    _ => throw new ArgumentOutOfRangeException(nameof(settings)),
                }),
                Temperature = (float)(settings.Temperature * (1 - ratio)),
                SoftmaxTemperature = settings.Anneal ? (float)(0.5 + 0.8 * (1 - ratio)) : 1,
                MaskCount = (uint)Math.Floor(latents * Math.Acos(ratio) / (Math.PI / 2)),
                GuidanceForm = settings.Decay == GuidanceDecay.PowerCosine ? 1u : 0u,
                Last = step == steps - 1 ? 1u : 0u,
                Step = (uint)step,
            };
        }
    }

    /// <summary>
    /// Whether a step needs the unconditional rows at all: with a guidance that leaves the conditional logits as they are, they would
    /// add nothing but rounding. Power-cosine begins with such steps, three of 64 with the settings published for S-128.
    /// </summary>
    public static bool IsGuided(in StepSettings settings) => settings.Guidance != (settings.GuidanceForm == 1 ? 1 : 0);
}
