using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>What a device offers of VK_EXT_subgroup_size_control.</summary>
internal static unsafe class SubgroupSizeQuery
{
    public const string Extension = "VK_EXT_subgroup_size_control";

    /// <summary>Whether a compute pipeline may demand full subgroups of this size.</summary>
    public static bool MayBeRequired(Vk vk, PhysicalDevice device, int size)
    {
        var features = new PhysicalDeviceSubgroupSizeControlFeatures { SType = StructureType.PhysicalDeviceSubgroupSizeControlFeatures };
        var features2 = new PhysicalDeviceFeatures2 { SType = StructureType.PhysicalDeviceFeatures2, PNext = &features };
        vk.GetPhysicalDeviceFeatures2(device, &features2);
        var limits = new PhysicalDeviceSubgroupSizeControlProperties { SType = StructureType.PhysicalDeviceSubgroupSizeControlProperties };
        var properties = new PhysicalDeviceProperties2 { SType = StructureType.PhysicalDeviceProperties2, PNext = &limits };
        vk.GetPhysicalDeviceProperties2(device, &properties);
        return features.SubgroupSizeControl && features.ComputeFullSubgroups
            && limits.RequiredSubgroupSizeStages.HasFlag(ShaderStageFlags.ComputeBit)
            && size >= limits.MinSubgroupSize && size <= limits.MaxSubgroupSize;
    }
}
