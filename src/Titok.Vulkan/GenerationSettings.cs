namespace Titok.Vulkan;

/// <summary>Settings of the sampling loop that belong together.</summary>
/// <param name="Steps">Sampling steps, 1 to <see cref="MaxSteps"/>.</param>
/// <param name="Guidance">Scale of classifier-free guidance, as far from 0 as <see cref="MaxSetting"/>; 0 for none (1 for power-cosine).</param>
/// <param name="Decay">How guidance changes over the steps.</param>
/// <param name="GuidancePower">Exponent of the power-cosine schedule, 0 to <see cref="MaxGuidancePower"/>.</param>
/// <param name="Temperature">Temperature of the sampling noise in the first step, 0 to <see cref="MaxSetting"/>; it falls to 0 in the last.</param>
/// <param name="Anneal">Whether the logits' own temperature falls too, from 1.3 to 0.5.</param>
public sealed record GenerationSettings(
    int Steps, float Guidance, GuidanceDecay Decay, float GuidancePower, float Temperature, bool Anneal)
{
    /// <summary>The published code's exponent of the power-cosine schedule.</summary>
    public const float DefaultGuidancePower = 3;

    /// <summary>Largest exponent of that schedule that may be asked for.</summary>
    public const float MaxGuidancePower = 100;

    /// <summary>Most steps that may be asked for.</summary>
    public const int MaxSteps = 1024;

    /// <summary>Largest guidance and temperature: far beyond anything useful, yet far from where fp32 logits overflow.</summary>
    public const float MaxSetting = 10000;

    /// <summary>The settings of the published quick start. Fast and plain; they do not reach the published FID.</summary>
    public static GenerationSettings Demo { get; } = new(8, 4.5f, GuidanceDecay.Constant, DefaultGuidancePower, 1, Anneal: false);
}
