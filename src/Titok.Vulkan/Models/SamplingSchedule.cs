using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Models;

/// <summary>What every step of the sampling loop uses, worked out in double precision before the loop starts.</summary>
internal static class SamplingSchedule
{
    /// <summary>The settings of so many steps; see <see cref="Fill"/>.</summary>
    public static StepSettings[] Create(
        int steps, int latents, float guidance, GuidanceDecay decay, float power, float temperature, bool anneal)
    {
        var settings = new StepSettings[steps];
        Fill(settings, latents, guidance, decay, power, temperature, anneal);
        return settings;
    }

    /// <param name="settings">Gets the settings of n steps, which is its length.</param>
    /// <param name="latents">Tokens a picture, K.</param>
    /// <param name="guidance">Guidance scale, g.</param>
    /// <param name="decay">How guidance changes over the steps.</param>
    /// <param name="power">p of the power-cosine schedule.</param>
    /// <param name="temperature">Temperature of the noise before it is annealed.</param>
    /// <param name="anneal">Whether logits are divided by 0.5 + 0.8·(1 − r).</param>
    public static void Fill(
        Span<StepSettings> settings, int latents, float guidance, GuidanceDecay decay, float power, float temperature, bool anneal)
    {
        int steps = settings.Length;
        for (int step = 0; step < steps; step++)
        {
            double progress = (double)step / steps;
            double ratio = (step + 1.0) / steps;
            settings[step] = new StepSettings
            {
                Guidance = (float)(decay switch
                {
                    GuidanceDecay.Constant => guidance,
                    GuidanceDecay.Linear => guidance * progress,
                    GuidanceDecay.PowerCosine => 1 + (guidance - 1) * 0.5 * (1 - Math.Cos(Math.PI * Math.Pow(progress, power))),
                    _ => throw new ArgumentOutOfRangeException(nameof(decay)),
                }),
                Temperature = (float)(temperature * (1 - ratio)),
                SoftmaxTemperature = anneal ? (float)(0.5 + 0.8 * (1 - ratio)) : 1,
                MaskCount = (uint)Math.Floor(latents * Math.Acos(ratio) / (Math.PI / 2)),
                GuidanceForm = decay == GuidanceDecay.PowerCosine ? 1u : 0u,
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
