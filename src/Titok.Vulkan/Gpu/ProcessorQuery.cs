using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>
/// How many processors run a device's workgroups, of which Vulkan says nothing but by vendors' extensions: NVIDIA's multiprocessors,
/// AMD's compute units, Arm's shader cores.
/// </summary>
internal static unsafe class ProcessorQuery
{
    /// <summary>0 where it is not known.</summary>
    public static int Count(Vk vk, PhysicalDevice device, HashSet<string> extensions)
    {
        var nvidia = new PhysicalDeviceShaderSMBuiltinsPropertiesNV { SType = StructureType.PhysicalDeviceShaderSMBuiltinsPropertiesNV };
        var amd = new PhysicalDeviceShaderCoreProperties2AMD { SType = StructureType.PhysicalDeviceShaderCoreProperties2Amd };
        var arm = new PhysicalDeviceShaderCoreBuiltinsPropertiesARM { SType = StructureType.PhysicalDeviceShaderCoreBuiltinsPropertiesArm };
        if (extensions.Contains("VK_NV_shader_sm_builtins"))
            Read(&nvidia);
        if (extensions.Contains("VK_AMD_shader_core_properties2"))
            Read(&amd);
        if (extensions.Contains("VK_ARM_shader_core_builtins"))
            Read(&arm);
        return (int)Math.Max(nvidia.ShaderSmcount, Math.Max(amd.ActiveComputeUnitCount, arm.ShaderCoreCount));

        void Read(void* vendor)
        {
            var properties = new PhysicalDeviceProperties2 { SType = StructureType.PhysicalDeviceProperties2, PNext = vendor };
            vk.GetPhysicalDeviceProperties2(device, &properties);
        }
    }
}
