using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>What a device offers of VK_NV_cooperative_matrix2: what attention by matrices of subgroups needs, and by those of whole workgroups.</summary>
/// <remarks>Its query is called by a pointer of ours, so that no package is needed for the one function.</remarks>
internal static unsafe class CooperativeMatrix2Query
{
    public const string Extension = "VK_NV_cooperative_matrix2";

    /// <summary>By which a feature of Vulkan 1.3 may be turned on where a host's instance is of an earlier version.</summary>
    public const string MaintenanceExtension = "VK_KHR_maintenance4";

    private const string Query = "vkGetPhysicalDeviceCooperativeMatrixFlexibleDimensionsPropertiesNV";

    /// <summary>Invocations of the workgroup of attention_workgroup, and what the sides of its matrices are multiples of.</summary>
    private const uint Invocations = 128, SideMultiple = 16, RowMultiple = 32;

    /// <summary>
    /// The features that reducing rows of a subgroup's matrices takes; and one of every Vulkan 1.3, as the extension's shaders are of
    /// a SPIR-V version that tells a specialized workgroup size (LocalSizeId) in a way that needs it.
    /// </summary>
    public static IReadOnlyList<string> ReductionFeatures { get; } =
        ["cooperativeMatrixReductions", "cooperativeMatrixConversions", "cooperativeMatrixPerElementOperations", "maintenance4"];

    /// <summary>What matrices of whole workgroups take besides.</summary>
    public static IReadOnlyList<string> WorkgroupFeatures { get; } =
        ["cooperativeMatrixWorkgroupScope", "cooperativeMatrixFlexibleDimensions", "cooperativeMatrixTensorAddressing"];

    public static (bool Reductions, bool Workgroups) Read(Vk vk, PhysicalDevice device, HashSet<string> extensions)
    {
        if (!extensions.Contains(Extension))
            return (false, false);
        var matrix = new PhysicalDeviceCooperativeMatrix2FeaturesNV { SType = StructureType.PhysicalDeviceCooperativeMatrix2FeaturesNV };
        var features = new PhysicalDeviceFeatures2 { SType = StructureType.PhysicalDeviceFeatures2, PNext = &matrix };
        vk.GetPhysicalDeviceFeatures2(device, &features);
        bool reductions = matrix.CooperativeMatrixReductions && matrix.CooperativeMatrixConversions && matrix.CooperativeMatrixPerElementOperations;
        bool workgroups = matrix.CooperativeMatrixWorkgroupScope && matrix.CooperativeMatrixFlexibleDimensions && matrix.CooperativeMatrixTensorAddressing;
        return (reductions, reductions && workgroups && HasDimensions(vk, device));
    }

    /// <summary>Turns on what <see cref="ReductionFeatures"/> names, and with workgroups what <see cref="WorkgroupFeatures"/> does.</summary>
    public static void TurnOn(PhysicalDeviceCooperativeMatrix2FeaturesNV* features, bool workgroups)
    {
        features->CooperativeMatrixReductions = true;
        features->CooperativeMatrixConversions = true;
        features->CooperativeMatrixPerElementOperations = true;
        features->CooperativeMatrixWorkgroupScope |= workgroups;
        features->CooperativeMatrixFlexibleDimensions |= workgroups;
        features->CooperativeMatrixTensorAddressing |= workgroups;
    }

    private static bool HasDimensions(Vk vk, PhysicalDevice device)
    {
        if (!vk.Context.TryGetProcAddress(Query, out nint address))
            return false;
        var query = (delegate* unmanaged<PhysicalDevice, uint*, CooperativeMatrixFlexibleDimensionsPropertiesNV*, Result>)address;
        uint count = 0;
        VulkanResult.Check(query(device, &count, null), Query);
        var properties = new CooperativeMatrixFlexibleDimensionsPropertiesNV[count];
        Array.Fill(properties, new CooperativeMatrixFlexibleDimensionsPropertiesNV { SType = StructureType.CooperativeMatrixFlexibleDimensionsPropertiesNV });
        fixed (CooperativeMatrixFlexibleDimensionsPropertiesNV* first = properties)
            VulkanResult.Check(query(device, &count, first), Query);
        return properties.Take((int)count).Any(p =>
            p.Scope == ScopeKHR.WorkgroupKhr && p.WorkgroupInvocations == Invocations
            && p.AType == ComponentTypeKHR.Float16Khr && p.BType == ComponentTypeKHR.Float16Khr
            && p.CType == ComponentTypeKHR.Float32Khr && p.ResultType == ComponentTypeKHR.Float32Khr
            && RowMultiple % p.MGranularity == 0 && SideMultiple % p.NGranularity == 0 && SideMultiple % p.KGranularity == 0);
    }
}
