using System.Runtime.InteropServices;
using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>
/// Turns the wanted features on in the pNext chain of a VkDeviceCreateInfo: in the structures that are there, and in
/// structures of its own, put in front, for those that are not. Its memory must live until the device is made.
/// </summary>
/// <remarks>
/// A chain may hold either VkPhysicalDeviceVulkan12Features or the structures that it was gathered from, not both; the
/// same with 1.1. So what is there decides.
/// </remarks>
internal sealed unsafe class GpuFeatureChain : IDisposable
{
    private readonly List<nint> _owned = [];

    /// <summary>Patches a chain.</summary>
    /// <param name="info">A VkDeviceCreateInfo, whose structures are written to.</param>
    /// <param name="wanted">Features that the device has and the library wants.</param>
    public void Patch(DeviceCreateInfo* info, GpuFeatures wanted)
    {
        var core = Find<PhysicalDeviceFeatures2>(info, StructureType.PhysicalDeviceFeatures2);
        if (wanted.Int64)
        {
            if (core != null)
                core->Features.ShaderInt64 = true;
            else if (info->PEnabledFeatures != null)
                info->PEnabledFeatures->ShaderInt64 = true;
            else
                Prepend(info, new PhysicalDeviceFeatures2 { SType = StructureType.PhysicalDeviceFeatures2, Features = new() { ShaderInt64 = true } });
        }

        var vulkan11 = Find<PhysicalDeviceVulkan11Features>(info, StructureType.PhysicalDeviceVulkan11Features);
        if (vulkan11 != null)
            vulkan11->StorageBuffer16BitAccess |= wanted.Storage16Bit;
        else if (wanted.Storage16Bit)
            FindOrPrepend<PhysicalDevice16BitStorageFeatures>(info, StructureType.PhysicalDevice16BitStorageFeatures)->StorageBuffer16BitAccess = true;

        if (wanted.CooperativeMatrixKhr)
            FindOrPrepend<PhysicalDeviceCooperativeMatrixFeaturesKHR>(info, StructureType.PhysicalDeviceCooperativeMatrixFeaturesKhr)->CooperativeMatrix = true;
        if (wanted.MatrixReductions)
        {
            CooperativeMatrix2Query.Enable(
                FindOrPrepend<PhysicalDeviceCooperativeMatrix2FeaturesNV>(info, StructureType.PhysicalDeviceCooperativeMatrix2FeaturesNV));
            EnableMaintenance4(info);
        }
        if (wanted.SubgroupSizeControl)
            EnableSubgroupSizeControl(info);

        var vulkan12 = Find<PhysicalDeviceVulkan12Features>(info, StructureType.PhysicalDeviceVulkan12Features);
        if (vulkan12 != null)
        {
            vulkan12->TimelineSemaphore |= wanted.TimelineSemaphore;
            vulkan12->ShaderFloat16 |= wanted.Float16;
            vulkan12->BufferDeviceAddress |= wanted.BufferDeviceAddress;
            vulkan12->VulkanMemoryModel |= wanted.CooperativeMatrixKhr;
            vulkan12->VulkanMemoryModelDeviceScope |= wanted.CooperativeMatrixKhr;
            return;
        }
        if (wanted.TimelineSemaphore)
            FindOrPrepend<PhysicalDeviceTimelineSemaphoreFeatures>(info, StructureType.PhysicalDeviceTimelineSemaphoreFeatures)->TimelineSemaphore = true;
        if (wanted.Float16)
            FindOrPrepend<PhysicalDeviceShaderFloat16Int8Features>(info, StructureType.PhysicalDeviceShaderFloat16Int8Features)->ShaderFloat16 = true;
        if (wanted.BufferDeviceAddress)
            FindOrPrepend<PhysicalDeviceBufferDeviceAddressFeatures>(info, StructureType.PhysicalDeviceBufferDeviceAddressFeatures)->BufferDeviceAddress = true;
        if (wanted.CooperativeMatrixKhr)
        {
            var model = FindOrPrepend<PhysicalDeviceVulkanMemoryModelFeatures>(info, StructureType.PhysicalDeviceVulkanMemoryModelFeatures);
            model->VulkanMemoryModel = true;
            model->VulkanMemoryModelDeviceScope = true;
        }
    }

    public void Dispose()
    {
        foreach (nint memory in _owned)
            NativeMemory.Free((void*)memory);
        _owned.Clear();
    }

    private void EnableSubgroupSizeControl(DeviceCreateInfo* info)
    {
        var vulkan13 = Find<PhysicalDeviceVulkan13Features>(info, StructureType.PhysicalDeviceVulkan13Features);
        if (vulkan13 != null)
        {
            vulkan13->SubgroupSizeControl = true;
            vulkan13->ComputeFullSubgroups = true;
            return;
        }
        var control = FindOrPrepend<PhysicalDeviceSubgroupSizeControlFeatures>(info, StructureType.PhysicalDeviceSubgroupSizeControlFeatures);
        control->SubgroupSizeControl = true;
        control->ComputeFullSubgroups = true;
    }

    private void EnableMaintenance4(DeviceCreateInfo* info)
    {
        var vulkan13 = Find<PhysicalDeviceVulkan13Features>(info, StructureType.PhysicalDeviceVulkan13Features);
        if (vulkan13 != null)
            vulkan13->Maintenance4 = true;
        else
            FindOrPrepend<PhysicalDeviceMaintenance4Features>(info, StructureType.PhysicalDeviceMaintenance4Features)->Maintenance4 = true;
    }

    private T* FindOrPrepend<T>(DeviceCreateInfo* info, StructureType type)
        where T : unmanaged
    {
        T* found = Find<T>(info, type);
        if (found != null)
            return found;
        T fresh = default;
        ((BaseOutStructure*)&fresh)->SType = type;
        return Prepend(info, fresh);
    }

    private T* Prepend<T>(DeviceCreateInfo* info, T structure)
        where T : unmanaged
    {
        T* copy = (T*)NativeMemory.Alloc((nuint)sizeof(T));
        _owned.Add((nint)copy);
        *copy = structure;
        // In front, so that nothing of the host's but its create-info is written to.
        ((BaseOutStructure*)copy)->PNext = (BaseOutStructure*)info->PNext;
        info->PNext = copy;
        return copy;
    }

    private static T* Find<T>(DeviceCreateInfo* info, StructureType type)
        where T : unmanaged
    {
        for (var structure = (BaseOutStructure*)info->PNext; structure != null; structure = structure->PNext)
        {
            if (structure->SType == type)
                return (T*)structure;
        }
        return null;
    }
}
