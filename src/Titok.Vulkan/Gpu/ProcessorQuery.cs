using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>How many processors run a device's workgroups, of which Vulkan says nothing but by a vendor's extension.</summary>
internal static unsafe class ProcessorQuery
{
    private const string Extension = "VK_NV_shader_sm_builtins";

    /// <summary>0 where it is not known.</summary>
    public static int Count(Vk vk, PhysicalDevice device, HashSet<string> extensions)
    {
        if (!extensions.Contains(Extension))
            return 0;
        var processors = new PhysicalDeviceShaderSMBuiltinsPropertiesNV { SType = StructureType.PhysicalDeviceShaderSMBuiltinsPropertiesNV };
        var properties = new PhysicalDeviceProperties2 { SType = StructureType.PhysicalDeviceProperties2, PNext = &processors };
        vk.GetPhysicalDeviceProperties2(device, &properties);
        return (int)processors.ShaderSmcount;
    }
}
