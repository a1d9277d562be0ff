namespace Titok.Vulkan;

/// <summary>Which kernels a host wants to make its device for.</summary>
public enum TitokProfile
{
    /// <summary>Whichever the device runs best: everything optional is wanted.</summary>
    Auto,

    /// <summary>Those that need nothing optional.</summary>
    Portable,

    /// <summary>Those with fp16 weights and activations.</summary>
    Half,

    /// <summary>Those for drivers that run on the CPU.</summary>
    Cpu,
}
