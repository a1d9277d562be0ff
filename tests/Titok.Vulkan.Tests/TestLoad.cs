namespace Titok.Vulkan.Tests;

/// <summary>How tests load models whose results they hold against others: in a precision of their own, whatever the device prefers.</summary>
internal static class TestLoad
{
    public static TitokLoadOptions Fp32 { get; } = new() { Precision = TitokPrecision.Fp32 };

    public static TitokLoadOptions Fp16 { get; } = new() { Precision = TitokPrecision.Fp16 };
}
