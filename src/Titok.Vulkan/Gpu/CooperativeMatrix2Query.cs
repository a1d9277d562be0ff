using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>What a device offers of VK_NV_cooperative_matrix2: what attention in one pass needs.</summary>
internal static unsafe class CooperativeMatrix2Query
{
    public const string Extension = "VK_NV_cooperative_matrix2";

    /// <summary>By which a feature of Vulkan 1.3 may be enabled where a host's instance is of an earlier version.</summary>
    public const string MaintenanceExtension = "VK_KHR_maintenance4";

    /// <summary>
    /// The features that reducing rows of a subgroup's matrices takes; and one of every Vulkan 1.3, as the extension's shaders are of
    /// a SPIR-V version that tells a specialized workgroup size (LocalSizeId) in a way that needs it.
    /// </summary>
    public static IReadOnlyList<string> ReductionFeatures { get; } =
        ["cooperativeMatrixReductions", "cooperativeMatrixConversions", "cooperativeMatrixPerElementOperations", "maintenance4"];

    public static bool HasReductions(Vk vk, PhysicalDevice device, HashSet<string> extensions)
    {
        if (!extensions.Contains(Extension))
            return false;
        var matrix = new PhysicalDeviceCooperativeMatrix2FeaturesNV { SType = StructureType.PhysicalDeviceCooperativeMatrix2FeaturesNV };
        var features = new PhysicalDeviceFeatures2 { SType = StructureType.PhysicalDeviceFeatures2, PNext = &matrix };
        vk.GetPhysicalDeviceFeatures2(device, &features);
        return matrix.CooperativeMatrixReductions && matrix.CooperativeMatrixConversions && matrix.CooperativeMatrixPerElementOperations;
    }

    /// <summary>Turns on what <see cref="ReductionFeatures"/> names, but for the last, which is not the extension's.</summary>
    public static void Enable(PhysicalDeviceCooperativeMatrix2FeaturesNV* features)
    {
        features->CooperativeMatrixReductions = true;
        features->CooperativeMatrixConversions = true;
        features->CooperativeMatrixPerElementOperations = true;
    }
}
