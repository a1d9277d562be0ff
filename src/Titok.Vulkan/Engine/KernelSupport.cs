using Titok.Vulkan.Gpu;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Engine;

/// <summary>Which forms of the kernels a device has all for.</summary>
internal static class KernelSupport
{
    /// <summary>What the tiles take that no product can be without.</summary>
    private const int LeastSharedMemoryInBytes = 32 << 10, LeastSubgroups = 8;

    /// <summary>Storage buffers of a linear layer that multiplies in blocks.</summary>
    private const int LeastStorageBuffers = 12;

    private static readonly AttentionForm[] s_matrixForms = [AttentionForm.TwoPasses, AttentionForm.Subgroup, AttentionForm.Warpgroup];

    /// <summary>Processors of a GPU that shares a chip, where its driver does not tell.</summary>
    private const int IntegratedProcessors = 16;

    public static bool Supports(GpuPhysicalDevice device, KernelForm form)
    {
        bool lanes = device.Features.Int64 && device.Limits is { HasSubgroupOperations: true, SubgroupSize: 8 };
        return form switch
        {
            KernelForm.CpuLanes => lanes,
            KernelForm.CpuUniform => lanes && device.Features.BufferDeviceAddress,
            KernelForm.Matrix => MatrixUnitsOf(device) is not null,
            KernelForm.MultiplyAdd => MultiplyAddsOf(device) is not null,
            _ => true,
        };
    }

    /// <summary>The matrix units of a device, at the most that they may do; null where it has none, or none that suit the kernels.</summary>
    public static GemmUnit? MatrixUnitsOf(GpuPhysicalDevice device)
    {
        GpuLimits limits = device.Limits;
        if (device.MatrixFragment is not { } fragment
            || !limits.HasSubgroupOperations
            || limits.MaxStorageBuffersPerStage < LeastStorageBuffers
            || limits.MaxComputeSharedMemoryInBytes < LeastSharedMemoryInBytes
            || limits.MaxComputeWorkGroupInvocations < LeastSubgroups * fragment.SubgroupSize)
            return null;
        var unit = new GemmUnit(fragment.M, fragment.N, fragment.K, fragment.SubgroupSize, limits.MaxComputeSharedMemoryInBytes)
        {
            MaxSubgroups = limits.MaxComputeWorkGroupInvocations / fragment.SubgroupSize,
            Processors = ProcessorsOf(device),
        };
        if (device.VendorId == GpuVendor.Intel)
            unit = unit.WithFewRegisters();
        return unit.WithFragments(unit.MayKeepFragments) with { WarpgroupOrder = device.Features.BinaryImport && WarpgroupBlock.SuitsOrder(unit) };
    }

    /// <summary>What takes the place of matrix units on a device; null where a workgroup has too little memory, or too few buffers, or fp16 can't be stored.</summary>
    public static GemmUnit? MultiplyAddsOf(GpuPhysicalDevice device)
    {
        GpuLimits limits = device.Limits;
        if (!device.Features.Storage16Bit || limits.MaxStorageBuffersPerStage < LeastStorageBuffers || limits.MaxComputeSharedMemoryInBytes < LeastSharedMemoryInBytes)
            return null;
        return GemmUnit.OfMultiplyAdds(limits.MaxComputeSharedMemoryInBytes, limits.MaxComputeWorkGroupInvocations) with { Processors = ProcessorsOf(device) };
    }

    /// <summary>The unit of a form that multiplies in blocks; null for the other forms, and where a device has none.</summary>
    public static GemmUnit? UnitOf(GpuPhysicalDevice device, KernelForm form) => form switch
    {
        KernelForm.Matrix => MatrixUnitsOf(device),
        KernelForm.MultiplyAdd => MultiplyAddsOf(device),
        _ => null,
    };

    /// <summary>What the driver tells, or what is usual: of cards, or of the GPUs of processors and telephones.</summary>
    private static int ProcessorsOf(GpuPhysicalDevice device) =>
        device.Limits.Processors > 0 ? device.Limits.Processors : device.Type == TitokDeviceType.Integrated ? IntegratedProcessors : GemmUnit.UsualProcessors;

    /// <summary>Whether a device may take the warpgroup kernels; whether its driver does, and whether they are right, only trying them tells.</summary>
    public static bool MayUseWarpgroups(GpuPhysicalDevice device, GemmUnit unit) => device.Features.BinaryImport && WarpgroupBlock.Suits(unit);

    /// <summary>
    /// The forms of attention that a device may have by a unit, beside the portable one. Where registers are few those by matrices spill
    /// them, and multiply-adds may be faster.
    /// </summary>
    public static AttentionForm[] AttentionForms(GpuPhysicalDevice device, GemmUnit unit) =>
    [
        .. unit.Form == KernelForm.MultiplyAdd || unit.HasFewRegisters ? [AttentionForm.MultiplyAdd] : (AttentionForm[])[],
        .. unit.Form == KernelForm.Matrix ? s_matrixForms.Where(form => Supports(device, form)) : [],
    ];

    /// <summary>Whether a device has the extensions for a form of attention; that it has matrix units is another question.</summary>
    public static bool Supports(GpuPhysicalDevice device, AttentionForm form) => form switch
    {
        AttentionForm.Warpgroup => device.Features.BinaryImport,
        AttentionForm.Subgroup => device.Features.MatrixReductions && device.MatrixFragment is { } fragment && fragment.N == fragment.K,
        _ => true,
    };

    /// <summary>
    /// What a device supports of all that kernels are chosen by, in bits. What suits one must not be given to another that
    /// a host has enabled less of, or more.
    /// </summary>
    public static int SupportOf(GpuPhysicalDevice device)
    {
        int forms = Enum.GetValues<KernelForm>().Where(form => Supports(device, form)).Sum(form => 1 << (int)form);
        int attention = Enum.GetValues<AttentionForm>().Where(form => Supports(device, form)).Sum(form => 1 << (int)form);
        return ((forms << Enum.GetValues<AttentionForm>().Length | attention) << 1 | (device.Features.SubgroupSizeControl ? 1 : 0)) << 1
            | (device.Features.BinaryImport ? 1 : 0);
    }
}
