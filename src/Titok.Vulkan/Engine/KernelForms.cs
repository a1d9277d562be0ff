using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Engine;

/// <summary>Which forms of the kernels a device can run, and which of them it is given.</summary>
internal static class KernelForms
{
    /// <summary>What the tiles take that no product can be without.</summary>
    private const int LeastSharedMemoryInBytes = 32 << 10, LeastSubgroups = 8;

    /// <summary>
    /// What was found out in this process, by device and driver, since a host may make many devices; and by what there
    /// is to choose from, since a host may turn on less than there is.
    /// </summary>
    private static readonly Dictionary<(string Name, string Driver, int Support), KernelChoice> s_chosen = [];

    /// <summary>One thread finds out at a time: two that measure would measure each other.</summary>
    private static readonly Lock s_lock = new();

    public static bool Supports(GpuPhysicalDevice device, KernelForm form)
    {
        bool lanes = device.Features is { SubgroupOperations: true, Int64: true } && device.Limits.SubgroupSize == 8;
        return form switch
        {
            KernelForm.CpuLanes => lanes,
            KernelForm.CpuUniform => lanes && device.Features.BufferDeviceAddress,
            KernelForm.Matrix => UnitOf(device) is not null,
            _ => true,
        };
    }

    /// <summary>The matrix units of a device, at the most that they may do; null where it has none, or none that suit the kernels.</summary>
    public static MatrixUnit? UnitOf(GpuPhysicalDevice device)
    {
        GpuLimits limits = device.Limits;
        if (device.MatrixFragment is not { } fragment
            || !device.Features.SubgroupOperations
            || limits.MaxComputeSharedMemoryInBytes < LeastSharedMemoryInBytes
            || limits.MaxComputeWorkGroupInvocations < LeastSubgroups * limits.SubgroupSize)
            return null;
        var unit = new MatrixUnit(fragment.M, fragment.N, fragment.K, limits.SubgroupSize, limits.MaxComputeSharedMemoryInBytes)
        {
            MaxSubgroups = limits.MaxComputeWorkGroupInvocations / limits.SubgroupSize,
            Processors = limits.Processors > 0 ? limits.Processors : MatrixUnit.UsualProcessors,
        };
        return unit.WithFragments(unit.MayKeepFragments);
    }

    /// <summary>The forms of attention by matrix units that a device has the extensions for, where it has such units.</summary>
    public static AttentionForm[] AttentionForms(GpuPhysicalDevice device) =>
        [.. Enum.GetValues<AttentionForm>().Where(form => form != AttentionForm.Portable && Supports(device, form))];

    /// <summary>Whether a device has the extensions for a form of attention; that it has matrix units is another question.</summary>
    public static bool Supports(GpuPhysicalDevice device, AttentionForm form) => form switch
    {
        AttentionForm.Workgroup => device.Features.WorkgroupMatrices && device.Limits.MaxComputeSharedMemoryInBytes >= LeastSharedMemoryInBytes,
        AttentionForm.Subgroup => device.Features.MatrixReductions && device.MatrixFragment is { } fragment && fragment.N == fragment.K,
        _ => true,
    };

    /// <summary>
    /// What a device supports of all that kernels are chosen by, in bits. What suits one must not be given to another that
    /// a host has turned on less of, or more.
    /// </summary>
    public static int SupportOf(GpuPhysicalDevice device)
    {
        int forms = Enum.GetValues<KernelForm>().Where(form => Supports(device, form)).Sum(form => 1 << (int)form);
        int attention = AttentionForms(device).Sum(form => 1 << (int)form);
        return (forms << Enum.GetValues<AttentionForm>().Length | attention) << 1 | (device.Features.SubgroupSizeControl ? 1 : 0);
    }

    /// <summary>The kernels for a storage type on this device.</summary>
    public static KernelProfile ProfileFor(GpuDevice device, DataType activation)
    {
        KernelChoice choice = Choose(device);
        bool matrix = choice.Form == KernelForm.Matrix && activation == DataType.Float16;
        return new KernelProfile(choice.Form, activation) { Unit = matrix ? choice.Apply(UnitOf(device.Physical)!) : null };
    }

    /// <summary>The form that a device is given.</summary>
    public static KernelForm Fastest(GpuDevice device) => Choose(device).Form;

    /// <summary>
    /// Found out once for a device and driver: remembered in the process, and beside the pipeline cache. Which form suits a
    /// CPU driver depends on how it compiles loads, not on anything it says about itself, so it is measured; matrix units
    /// are used as far as they give right numbers.
    /// </summary>
    private static KernelChoice Choose(GpuDevice device)
    {
        GpuPhysicalDevice physical = device.Physical;
        (string, string, int) key = (physical.Name, physical.Driver, SupportOf(physical));
        lock (s_lock)
        {
            if (s_chosen.TryGetValue(key, out KernelChoice? chosen))
                return chosen;
            var file = KernelChoiceFile.For(device);
            if (file.Read() is not { } choice)
            {
                choice = FindOut(device);
                // What there was no memory to try is tried again by the next model.
                if (!choice.IsComplete)
                    return choice;
                // A host may keep a CPU busy with frames while forms are measured on it.
                if (device.Host is null || physical.Type != TitokDeviceType.Cpu)
                    file.Write(choice);
            }
            s_chosen.Add(key, choice);
            return choice;
        }
    }

    private static KernelChoice FindOut(GpuDevice device)
    {
        if (device.Physical.Type != TitokDeviceType.Cpu)
            return UnitOf(device.Physical) is { } unit ? OnMatrixUnits(device, unit) : new KernelChoice(KernelForm.Portable);
        if (!Supports(device.Physical, KernelForm.CpuLanes))
            return new KernelChoice(KernelForm.Portable);
        if (!Supports(device.Physical, KernelForm.CpuUniform))
            return new KernelChoice(KernelForm.CpuLanes);
        return new KernelChoice(CpuFormMeasurement.Fastest(device));
    }

    /// <summary>Matrix units as far as they are right, if they are faster than the portable kernels at all.</summary>
    private static KernelChoice OnMatrixUnits(GpuDevice device, MatrixUnit unit)
    {
        KernelChoice choice = MatrixSelfTest.Run(device, unit);
        if (choice.Form != KernelForm.Matrix)
            return choice;
        var portable = new KernelProfile(KernelForm.Portable, DataType.Float16);
        var matrix = new KernelProfile(KernelForm.Matrix, DataType.Float16) { Unit = choice.Apply(unit) };
        KernelProfile? faster = new KernelMeasurement(device, matrix.Unit).FastestForPicture([matrix, portable]);
        return faster == portable ? new KernelChoice(KernelForm.Portable) : choice with { IsComplete = choice.IsComplete && faster is not null };
    }
}
