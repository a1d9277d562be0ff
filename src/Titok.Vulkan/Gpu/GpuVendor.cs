namespace Titok.Vulkan.Gpu;

/// <summary>PCI vendor ids of those whose GPUs are treated apart, by what Vulkan does not tell.</summary>
internal static class GpuVendor
{
    public const uint Nvidia = 0x10de, Intel = 0x8086;
}
