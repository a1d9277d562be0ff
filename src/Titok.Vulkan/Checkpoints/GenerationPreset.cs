namespace Titok.Vulkan.Checkpoints;

/// <summary>How guidance changes over the steps.</summary>
internal enum GuidanceSchedule
{
    Constant,
    Linear,
    PowerCosine,
}

/// <summary>A named set of decoding settings, from a config or a <c>presets.json</c>.</summary>
internal sealed record GenerationPreset(
    int Steps, float Guidance, GuidanceSchedule Schedule, float GuidancePower, float Temperature, bool Anneal)
{
    /// <summary>The published code's power for the power-cosine schedule.</summary>
    public const float DefaultGuidancePower = 3;

    public const int MaxSteps = 4096;

    /// <summary>Far beyond anything useful, yet far from where fp32 logits would overflow.</summary>
    public const float MaxSetting = 10000;

    public static GuidanceSchedule? ParseSchedule(string name) => name switch
    {
        "constant" => GuidanceSchedule.Constant,
        "linear" => GuidanceSchedule.Linear,
        "power-cosine" => GuidanceSchedule.PowerCosine,
        _ => null,
    };
}
