using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>What a device offers of VK_EXT_subgroup_size_control.</summary>
internal static unsafe class SubgroupSizeQuery
{
    public const string Extension = "VK_EXT_subgroup_size_control";

    /// <summary>Of a factor's elements, 16 bytes.</summary>
    private const int ElementsAnInvocation = 8;

    /// <summary>Whether a compute pipeline may demand subgroups of this size, on a device with the extension's features.</summary>
    public static bool MayBeRequired(Vk vk, PhysicalDevice device, int size)
    {
        PhysicalDeviceSubgroupSizeControlProperties limits = Limits(vk, device);
        return limits.RequiredSubgroupSizeStages.HasFlag(ShaderStageFlags.ComputeBit)
            && size >= limits.MinSubgroupSize && size <= limits.MaxSubgroupSize;
    }

    /// <summary>The least that may be demanded, on a device with the extension's features.</summary>
    public static int Least(Vk vk, PhysicalDevice device) => (int)Limits(vk, device).MinSubgroupSize;

    /// <summary>
    /// What to demand for shaders with cooperative matrices. An Intel subgroup has the same registers whatever its size, so larger ones
    /// have less room for matrices: there the one in which an invocation holds eight elements of the right factor, which then may lie in
    /// memory so. Other GPUs' have registers by their size.
    /// </summary>
    /// <param name="vendor">Of the device.</param>
    /// <param name="fragment">What it multiplies, by subgroups of the usual size.</param>
    /// <param name="least">The least size that may be demanded.</param>
    public static int ForMatrices(uint vendor, GpuMatrixFragment fragment, int least)
    {
        int size = fragment.K * fragment.N / ElementsAnInvocation;
        return vendor == GpuVendor.Intel && size >= least && size < fragment.SubgroupSize && int.IsPow2(size) ? size : fragment.SubgroupSize;
    }

    private static PhysicalDeviceSubgroupSizeControlProperties Limits(Vk vk, PhysicalDevice device)
    {
        var limits = new PhysicalDeviceSubgroupSizeControlProperties { SType = StructureType.PhysicalDeviceSubgroupSizeControlProperties };
        var properties = new PhysicalDeviceProperties2 { SType = StructureType.PhysicalDeviceProperties2, PNext = &limits };
        vk.GetPhysicalDeviceProperties2(device, &properties);
        return limits with { PNext = null };
    }
}
