using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>What a device offers of VK_KHR_cooperative_matrix.</summary>
/// <remarks>Its query is called by a pointer of ours, so that no package is needed for the one function.</remarks>
internal static unsafe class CooperativeMatrixQuery
{
    public const string Extension = "VK_KHR_cooperative_matrix";

    /// <summary>
    /// The largest product of fp16 by fp16 that one subgroup adds up in fp32, of at most 16 a side, which the kernels' tiles are made for;
    /// null if there is none.
    /// </summary>
    /// <param name="vk">The instance's functions.</param>
    /// <param name="device">One with the extension's feature.</param>
    /// <param name="subgroupSize">The size of its subgroups, where no other is demanded.</param>
    public static GpuMatrixFragment? LargestFragment(Vk vk, PhysicalDevice device, int subgroupSize)
    {
        if (!vk.Context.TryGetProcAddress("vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR", out nint address))
            return null;
        var query = (delegate* unmanaged<PhysicalDevice, uint*, CooperativeMatrixPropertiesKHR*, Result>)address;
        uint count = 0;
        VulkanResult.Check(query(device, &count, null), "vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR");
        var properties = new CooperativeMatrixPropertiesKHR[count];
        Array.Fill(properties, new CooperativeMatrixPropertiesKHR { SType = StructureType.CooperativeMatrixPropertiesKhr });
        fixed (CooperativeMatrixPropertiesKHR* first = properties)
            VulkanResult.Check(query(device, &count, first), "vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR");
        return properties.Take((int)count).Where(IsHalfByHalf)
            .Select(p => new GpuMatrixFragment((int)p.MSize, (int)p.NSize, (int)p.KSize, subgroupSize))
            .Where(f => f.M % 8 == 0 && f.N % 8 == 0 && f.K % 8 == 0 && f.M <= 16 && f.N <= 16 && f.K <= 16)
            .MaxBy(f => (long)f.M * f.N * f.K);
    }

    private static bool IsHalfByHalf(CooperativeMatrixPropertiesKHR p) =>
        p.Scope == ScopeKHR.SubgroupKhr
        && p.AType == ComponentTypeKHR.Float16Khr && p.BType == ComponentTypeKHR.Float16Khr
        && p.CType == ComponentTypeKHR.Float32Khr && p.ResultType == ComponentTypeKHR.Float32Khr;
}
