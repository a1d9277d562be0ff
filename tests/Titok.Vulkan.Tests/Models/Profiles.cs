using Titok.Vulkan.Engine;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Tests.Models;

/// <summary>The kernel profiles that device tests run in.</summary>
internal static class Profiles
{
    public static readonly string[] Names = ["portable-fp32", "portable-fp16", "uniform-fp32", "uniform-fp16", "lanes-fp32", "lanes-fp16", "fma-fp16", "matrix-fp16"];

    /// <summary>The same with the matrix kernels as devices with few registers have them.</summary>
    public static readonly string[] NetworkNames = [.. Names, "lean-fp16"];

    /// <summary>Those of every device with the other forms of attention on matrix units.</summary>
    public static readonly string[] AttentionNames = [.. Names, "subgroup-fp16"];

    /// <summary>All that there are.</summary>
    public static readonly string[] AllNames = [.. AttentionNames.Union(NetworkNames)];

    /// <summary>One for each storage type, for ops that have but one form.</summary>
    public static readonly string[] StorageNames = ["portable-fp32", "portable-fp16"];

    /// <summary>The profile, or a skip with its reason where the device cannot run it; a failure where it is required.</summary>
    public static KernelProfile Require(GpuDevice device, string name)
    {
        KernelForm form = name.Split('-')[0] switch
        {
            "uniform" => KernelForm.CpuUniform,
            "lanes" => KernelForm.CpuLanes,
            "fma" => KernelForm.MultiplyAdd,
            "matrix" or "subgroup" or "lean" => KernelForm.Matrix,
            _ => KernelForm.Portable,
        };
        GpuPhysicalDevice physical = device.Physical;
        if (form == KernelForm.Matrix && KernelSupport.MatrixUnitsOf(physical) is null)
            RequiredProfiles.Lack(name, $"{physical.Name} has no matrix units that multiply fp16: VK_KHR_cooperative_matrix");
        AttentionForm attention = name.StartsWith("subgroup", StringComparison.Ordinal) ? AttentionForm.Subgroup : AttentionForm.TwoPasses;
        Require(device, attention);
        if (form == KernelForm.MultiplyAdd && KernelSupport.MultiplyAddsOf(physical) is null)
            RequiredProfiles.Lack(name, $"{physical.Name} has no 16-bit storage, or too little memory for a workgroup of the {form} kernels");
        if (!KernelSupport.Supports(physical, form))
            RequiredProfiles.Lack(name, $"{physical.Name} lacks what the {form} kernels need: subgroups of 8, shaderInt64, bufferDeviceAddress");
        // Whoever requires them means all of them, also where the driver was measured to be faster with others.
        if (form == KernelForm.CpuUniform && !RequiredProfiles.Has(name) && KernelForms.ProfileFor(device, DataType.Float32, SearchOptions.Thorough).Form != form)
            Assert.Skip($"{physical.Driver} loads for every lane apart: it compiles the {form} kernels for seconds each, and never runs them");
        DataType type = name.EndsWith("fp16", StringComparison.Ordinal) ? DataType.Float16 : DataType.Float32;
        if (type == DataType.Float16 && !physical.Features.Storage16Bit)
            RequiredProfiles.Lack(name, $"{physical.Name} has no 16-bit storage");
        GemmUnit? unit = KernelSupport.UnitOf(physical, form);
        if (name.StartsWith("lean", StringComparison.Ordinal))
            unit = unit!.WithFewRegisters();
        return new KernelProfile(form, type) { Unit = form == KernelForm.Matrix ? unit!.With(attention) : unit };
    }

    /// <summary>The same for a form of attention.</summary>
    public static void Require(GpuDevice device, AttentionForm attention)
    {
        if (!KernelSupport.Supports(device.Physical, attention))
            RequiredProfiles.Lack("subgroup-fp16", $"{device.Physical.Name} has not all of VK_NV_cooperative_matrix2 that attention by form {attention} needs");
    }

    /// <summary>Relative L2 error allowed to a stage.</summary>
    public static double StageBound(KernelProfile profile) => profile.Activation == DataType.Float16 ? 1e-2 : 1e-4;
}
