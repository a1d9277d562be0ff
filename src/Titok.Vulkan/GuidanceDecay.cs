namespace Titok.Vulkan;

/// <summary>How the weight of classifier-free guidance changes over the sampling steps.</summary>
public enum GuidanceDecay
{
    /// <summary>The same in every step.</summary>
    Constant,

    /// <summary>From nothing in the first step, growing in equal parts.</summary>
    Linear,

    /// <summary>1 + (g − 1)·½(1 − cos(π·(step/steps)^p)): slow at first, full at the end.</summary>
    PowerCosine,
}

/// <summary>The names that configs and people use for <see cref="GuidanceDecay"/>.</summary>
public static class GuidanceDecayNames
{
    /// <summary>All of them, as a sentence has them.</summary>
    internal const string Choices = "constant, linear or power-cosine";

    /// <summary>constant, linear or power-cosine; null for anything else.</summary>
    public static GuidanceDecay? Parse(string name) => name switch
    {
        "constant" => GuidanceDecay.Constant,
        "linear" => GuidanceDecay.Linear,
        "power-cosine" => GuidanceDecay.PowerCosine,
        _ => null,
    };

    /// <summary>The name that <see cref="Parse"/> reads.</summary>
    public static string ToName(this GuidanceDecay decay) => decay switch
    {
        GuidanceDecay.Constant => "constant",
        GuidanceDecay.Linear => "linear",
        _ => "power-cosine",
    };
}
