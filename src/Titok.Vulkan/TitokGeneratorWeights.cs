namespace Titok.Vulkan;

/// <summary>How the weights of a generator's linear layers are stored on the device, which are read once a step.</summary>
public enum TitokGeneratorWeights
{
    /// <summary>As <see cref="TitokPrecision"/> says.</summary>
    Auto,

    /// <summary>
    /// 8-bit whole numbers with a scale for each output feature, rounded to the nearest while loading: a quarter of fp32's
    /// memory and half of fp16's. Logits, and with them tokens, are no longer those of the published code.
    /// </summary>
    Int8,
}
