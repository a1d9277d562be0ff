namespace Titok.Vulkan;

/// <summary>How weights and activations are stored on the device. Sums are always accumulated in fp32.</summary>
public enum TitokPrecision
{
    /// <summary>fp16 on a GPU that can store it, fp32 on a CPU driver, where fp16 saves no time.</summary>
    Auto,

    /// <summary>32-bit floats: the tokens of the published code, on every device.</summary>
    Fp32,

    /// <summary>16-bit floats: half the memory. The device must support 16-bit storage.</summary>
    Fp16,
}
