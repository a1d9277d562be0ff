using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>What a device offers of VK_EXT_subgroup_size_control.</summary>
internal static unsafe class SubgroupSizeQuery
{
    public const string Extension = "VK_EXT_subgroup_size_control";

    /// <summary>Whether a compute pipeline may demand subgroups of this size, on a device with the extension's features.</summary>
    public static bool MayBeRequired(Vk vk, PhysicalDevice device, int size)
    {
        var limits = new PhysicalDeviceSubgroupSizeControlProperties { SType = StructureType.PhysicalDeviceSubgroupSizeControlProperties };
        var properties = new PhysicalDeviceProperties2 { SType = StructureType.PhysicalDeviceProperties2, PNext = &limits };
        vk.GetPhysicalDeviceProperties2(device, &properties);
        return limits.RequiredSubgroupSizeStages.HasFlag(ShaderStageFlags.ComputeBit)
            && size >= limits.MinSubgroupSize && size <= limits.MaxSubgroupSize;
    }
}
