using System.Runtime.InteropServices;
using Silk.NET.Core;
using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>
/// Finds features in the pNext chain of a structure: in the structures that are there, and in structures of its own, put in front,
/// where they are not. Its memory must live as long as the chain is used.
/// </summary>
/// <remarks>
/// A chain may hold either VkPhysicalDeviceVulkan12Features or the structures that it was gathered from, not both; the
/// same with 1.1 and 1.3. So what is there decides.
/// </remarks>
internal sealed unsafe class GpuFeatureChain : IDisposable
{
    private readonly List<nint> _owned = [];

    /// <summary>The features of some that a device has, by their names.</summary>
    /// <param name="vk">The instance's functions.</param>
    /// <param name="device">The device, of Vulkan 1.2 at least.</param>
    /// <param name="fields">Those asked for, of which the device knows the structures.</param>
    public static HashSet<string> Read(Vk vk, PhysicalDevice device, IReadOnlyList<GpuFeatureField> fields)
    {
        using var chain = new GpuFeatureChain();
        var vulkan12 = new PhysicalDeviceVulkan12Features { SType = StructureType.PhysicalDeviceVulkan12Features };
        var vulkan11 = new PhysicalDeviceVulkan11Features { SType = StructureType.PhysicalDeviceVulkan11Features, PNext = &vulkan12 };
        var features = new PhysicalDeviceFeatures2 { SType = StructureType.PhysicalDeviceFeatures2, PNext = &vulkan11 };
        var first = (BaseOutStructure*)&features;
        foreach (GpuFeatureField field in fields)
            chain.FindOrPrepend(first, field);
        vk.GetPhysicalDeviceFeatures2(device, &features);
        var names = new HashSet<string>();
        foreach (GpuFeatureField field in fields)
        {
            if (*chain.FindOrPrepend(first, field))
                names.Add(field.Name);
        }
        return names;
    }

    /// <summary>Turns features on in the chain of a VkDeviceCreateInfo.</summary>
    /// <param name="info">Whose structures are written to.</param>
    /// <param name="wanted">Features that the device has and the library wants.</param>
    public void Patch(DeviceCreateInfo* info, GpuFeatures wanted)
    {
        foreach (GpuFeatureField field in GpuFeature.FieldsOf(wanted))
        {
            // The features of Vulkan 1.0 are there, if not in the chain: a VkPhysicalDeviceFeatures2 without its head.
            if (field.Own.Structure == StructureType.PhysicalDeviceFeatures2 && info->PEnabledFeatures != null)
                *field.Own.In((byte*)info->PEnabledFeatures - sizeof(BaseOutStructure)) = true;
            else
                *FindOrPrepend((BaseOutStructure*)info, field) = true;
        }
    }

    public void Dispose()
    {
        foreach (nint memory in _owned)
            NativeMemory.Free((void*)memory);
        _owned.Clear();
    }

    private Bool32* FindOrPrepend(BaseOutStructure* first, GpuFeatureField field)
    {
        if (field.Gathered is { } gathered && Find(first, gathered.Structure) is var version && version != null)
            return gathered.In(version);
        BaseOutStructure* own = Find(first, field.Own.Structure);
        return field.Own.In(own != null ? own : Prepend(first, field.Own));
    }

    private BaseOutStructure* Prepend(BaseOutStructure* first, GpuFeaturePlace place)
    {
        var structure = (BaseOutStructure*)NativeMemory.AllocZeroed((nuint)place.SizeInBytes);
        _owned.Add((nint)structure);
        structure->SType = place.Structure;
        // In front, so that nothing of the host's but its create-info is written to.
        structure->PNext = first->PNext;
        first->PNext = structure;
        return structure;
    }

    private static BaseOutStructure* Find(BaseOutStructure* first, StructureType type)
    {
        for (BaseOutStructure* structure = first; structure != null; structure = structure->PNext)
        {
            if (structure->SType == type)
                return structure;
        }
        return null;
    }
}
