using Silk.NET.Vulkan;
using Titok.Vulkan.Gpu;

namespace Titok.Vulkan.Tests.Gpu;

/// <summary>Which structures of a VkDeviceCreateInfo have the features turned on, by what a host has put there.</summary>
public sealed unsafe class GpuFeatureChainTests : IDisposable
{
    private static readonly GpuFeatures s_all = GpuFeature.Where(_ => true);

    private readonly GpuFeatureChain _chain = new();

    public void Dispose() => _chain.Dispose();

    [Fact]
    public void AnEmptyChainGetsAStructureOfEachKind()
    {
        var info = new DeviceCreateInfo { SType = StructureType.DeviceCreateInfo };
        _chain.Patch(&info, s_all);
        Assert.Equal(
            [
                StructureType.PhysicalDeviceTimelineSemaphoreFeatures, StructureType.PhysicalDevice16BitStorageFeatures,
                StructureType.PhysicalDeviceShaderFloat16Int8Features, StructureType.PhysicalDeviceBufferDeviceAddressFeatures,
                StructureType.PhysicalDeviceFeatures2, StructureType.PhysicalDeviceCooperativeMatrixFeaturesKhr,
                StructureType.PhysicalDeviceVulkanMemoryModelFeatures, StructureType.PhysicalDeviceCooperativeMatrix2FeaturesNV,
                StructureType.PhysicalDeviceMaintenance4Features, StructureType.PhysicalDeviceSubgroupSizeControlFeatures,
            ],
            Structures(info).Reverse());
        Assert.True(In<PhysicalDeviceTimelineSemaphoreFeatures>(info).TimelineSemaphore);
        Assert.True(In<PhysicalDevice16BitStorageFeatures>(info).StorageBuffer16BitAccess);
        Assert.True(In<PhysicalDeviceShaderFloat16Int8Features>(info).ShaderFloat16);
        Assert.True(In<PhysicalDeviceBufferDeviceAddressFeatures>(info).BufferDeviceAddress);
        Assert.True(In<PhysicalDeviceFeatures2>(info).Features.ShaderInt64);
        Assert.True(In<PhysicalDeviceCooperativeMatrixFeaturesKHR>(info).CooperativeMatrix);
        Assert.True(In<PhysicalDeviceVulkanMemoryModelFeatures>(info) is { VulkanMemoryModel.Value: not 0, VulkanMemoryModelDeviceScope.Value: not 0 });
        Assert.True(In<PhysicalDeviceCooperativeMatrix2FeaturesNV>(info) is
        {
            CooperativeMatrixReductions.Value: not 0, CooperativeMatrixConversions.Value: not 0, CooperativeMatrixPerElementOperations.Value: not 0,
        });
        Assert.True(In<PhysicalDeviceMaintenance4Features>(info).Maintenance4);
        Assert.True(In<PhysicalDeviceSubgroupSizeControlFeatures>(info) is { SubgroupSizeControl.Value: not 0, ComputeFullSubgroups.Value: not 0 });
        Assert.Equal(GpuFeature.FieldsOf(s_all).Count(), On(info));
    }

    /// <summary>Beside them the structures that they were gathered from may not stand.</summary>
    [Fact]
    public void StructuresOfAVersionAreTakenWhereTheyAre()
    {
        var vulkan13 = new PhysicalDeviceVulkan13Features { SType = StructureType.PhysicalDeviceVulkan13Features };
        var vulkan12 = new PhysicalDeviceVulkan12Features { SType = StructureType.PhysicalDeviceVulkan12Features, PNext = &vulkan13 };
        var vulkan11 = new PhysicalDeviceVulkan11Features { SType = StructureType.PhysicalDeviceVulkan11Features, PNext = &vulkan12 };
        var features = new PhysicalDeviceFeatures2 { SType = StructureType.PhysicalDeviceFeatures2, PNext = &vulkan11 };
        var info = new DeviceCreateInfo { SType = StructureType.DeviceCreateInfo, PNext = &features };
        // What a host has on stays so.
        vulkan12.HostQueryReset = true;
        _chain.Patch(&info, s_all);
        Assert.Equal(
            [
                StructureType.PhysicalDeviceCooperativeMatrix2FeaturesNV, StructureType.PhysicalDeviceCooperativeMatrixFeaturesKhr, StructureType.PhysicalDeviceFeatures2,
                StructureType.PhysicalDeviceVulkan11Features, StructureType.PhysicalDeviceVulkan12Features, StructureType.PhysicalDeviceVulkan13Features,
            ],
            Structures(info));
        Assert.True(features.Features.ShaderInt64);
        Assert.True(vulkan11.StorageBuffer16BitAccess);
        Assert.True(vulkan12 is
        {
            TimelineSemaphore.Value: not 0, ShaderFloat16.Value: not 0, BufferDeviceAddress.Value: not 0, VulkanMemoryModel.Value: not 0,
            VulkanMemoryModelDeviceScope.Value: not 0, HostQueryReset.Value: not 0,
        });
        Assert.True(vulkan13 is { SubgroupSizeControl.Value: not 0, ComputeFullSubgroups.Value: not 0, Maintenance4.Value: not 0 });
        Assert.Equal(GpuFeature.FieldsOf(s_all).Count() + 1, On(info));
    }

    /// <summary>Vulkan takes the features of 1.0 in one place or the other.</summary>
    [Fact]
    public void EnabledFeaturesOutsideTheChainAreTakenWhereTheyAre()
    {
        var enabled = new PhysicalDeviceFeatures { SamplerAnisotropy = true };
        var info = new DeviceCreateInfo { SType = StructureType.DeviceCreateInfo, PEnabledFeatures = &enabled };
        _chain.Patch(&info, new GpuFeatures { Int64 = true });
        Assert.Empty(Structures(info));
        Assert.Equal(new PhysicalDeviceFeatures { SamplerAnisotropy = true, ShaderInt64 = true }, enabled);
    }

    [Fact]
    public void WhatIsNotWantedIsLeftAlone()
    {
        var info = new DeviceCreateInfo { SType = StructureType.DeviceCreateInfo };
        _chain.Patch(&info, new GpuFeatures());
        Assert.Empty(Structures(info));
        _chain.Patch(&info, new GpuFeatures { Float16 = true });
        Assert.Equal([StructureType.PhysicalDeviceShaderFloat16Int8Features], Structures(info));
    }

    private static IReadOnlyList<StructureType> Structures(DeviceCreateInfo info)
    {
        var types = new List<StructureType>();
        for (var structure = (BaseOutStructure*)info.PNext; structure != null; structure = structure->PNext)
            types.Add(structure->SType);
        return types;
    }

    private static T In<T>(DeviceCreateInfo info)
        where T : unmanaged, IStructuredType
    {
        T wanted = default;
        StructureType type = wanted.StructureType();
        for (var structure = (BaseOutStructure*)info.PNext; structure != null; structure = structure->PNext)
        {
            if (structure->SType == type)
                return *(T*)structure;
        }
        throw new InvalidOperationException($"{type} is not in the chain.");
    }

    /// <summary>How many features are on in the chain.</summary>
    private static int On(DeviceCreateInfo info)
    {
        int count = 0;
        for (var structure = (BaseOutStructure*)info.PNext; structure != null; structure = structure->PNext)
        {
            int size = structure->SType switch
            {
                StructureType.PhysicalDeviceFeatures2 => sizeof(PhysicalDeviceFeatures2),
                StructureType.PhysicalDeviceVulkan11Features => sizeof(PhysicalDeviceVulkan11Features),
                StructureType.PhysicalDeviceVulkan12Features => sizeof(PhysicalDeviceVulkan12Features),
                StructureType.PhysicalDeviceVulkan13Features => sizeof(PhysicalDeviceVulkan13Features),
                _ => GpuFeature.All.SelectMany(feature => feature.Fields).First(field => field.Own.Structure == structure->SType).Own.SizeInBytes,
            };
            foreach (uint word in new ReadOnlySpan<uint>((byte*)structure + sizeof(BaseOutStructure), (size - sizeof(BaseOutStructure)) / sizeof(uint)))
                count += word == 1 ? 1 : 0;
        }
        return count;
    }
}
