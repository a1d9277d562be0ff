namespace Titok.Vulkan;

/// <summary>What the kernels have room for, for whoever refuses more before there is a kernel.</summary>
internal static class KernelLimits
{
    /// <summary>Most tokens of a picture that a generator makes: remask keeps their confidences in shared memory.</summary>
    public const int MaxLatentTokens = 1024;

    /// <summary>Most channels of an attention head.</summary>
    public const int MaxHeadWidth = 128;

    /// <summary>What a group of a program in PTX may have of shared memory: a launch that asks for more loses the device.</summary>
    public const int MaxLaunchSharedMemoryInBytes = 48 << 10;
}
