using System.Runtime.InteropServices;

namespace Titok.Vulkan.Kernels;

/// <summary>What one step of the sampling loop needs to know; the shaders read an array of these, indexed by the step.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct StepSettings
{
    public const int SizeInBytes = 32;

    /// <summary>Weight of conditional minus unconditional logits.</summary>
    public float Guidance;

    /// <summary>Temperature of the noise, already annealed for the step.</summary>
    public float Temperature;

    /// <summary>The logits are divided by it.</summary>
    public float SoftmaxTemperature;

    /// <summary>How many positions are masked again, before the bounds that depend on the picture.</summary>
    public uint MaskCount;

    /// <summary>0: cond + (cond − uncond)·guidance; 1: uncond + (cond − uncond)·guidance.</summary>
    public uint GuidanceForm;

    /// <summary>1 in the last step, where nothing is masked again.</summary>
    public uint Last;

    /// <summary>The step's number, which is also the noise's.</summary>
    public uint Step;

    public uint Padding;
}
