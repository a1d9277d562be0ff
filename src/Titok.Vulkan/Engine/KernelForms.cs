using Microsoft.Extensions.Logging;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Engine;

/// <summary>Which forms of the kernels a device can run, and which of them it is given.</summary>
internal static class KernelForms
{
    /// <summary>What the tiles take that no product can be without.</summary>
    private const int LeastSharedMemoryInBytes = 32 << 10, LeastSubgroups = 8;

    /// <summary>Storage buffers of a linear layer that multiplies in blocks.</summary>
    private const int LeastStorageBuffers = 12;

    /// <summary>Processors of a GPU that shares a chip, where its driver does not tell.</summary>
    private const int IntegratedProcessors = 16;

    /// <summary>How many times as fast as the portable kernels matrix units are where nothing else need be tried.</summary>
    private const double ClearlyFaster = 4;

    /// <summary>Multiplies matrix units' times before comparing: they gain the most from batches larger than those measured.</summary>
    private const double MatrixAdvantage = 0.9;

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
            || !device.Features.SubgroupOperations
            || limits.MaxStorageBuffersPerStage < LeastStorageBuffers
            || limits.MaxComputeSharedMemoryInBytes < LeastSharedMemoryInBytes
            || limits.MaxComputeWorkGroupInvocations < LeastSubgroups * limits.SubgroupSize)
            return null;
        var unit = new GemmUnit(fragment.M, fragment.N, fragment.K, limits.SubgroupSize, limits.MaxComputeSharedMemoryInBytes)
        {
            MaxSubgroups = limits.MaxComputeWorkGroupInvocations / limits.SubgroupSize,
            Processors = ProcessorsOf(device),
        };
        return unit.WithFragments(unit.MayKeepFragments);
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

    /// <summary>The forms of attention by matrix units that a device has the extensions for, where it has such units.</summary>
    public static AttentionForm[] AttentionForms(GpuPhysicalDevice device) =>
        [.. Enum.GetValues<AttentionForm>().Where(form => form != AttentionForm.Portable && Supports(device, form))];

    /// <summary>Whether a device has the extensions for a form of attention; that it has matrix units is another question.</summary>
    public static bool Supports(GpuPhysicalDevice device, AttentionForm form) => form switch
    {
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
        return ((forms << Enum.GetValues<AttentionForm>().Length | attention) << 1 | (device.Features.SubgroupSizeControl ? 1 : 0)) << 1
            | (device.Features.BinaryImport ? 1 : 0);
    }

    /// <summary>The kernels for a storage type on this device.</summary>
    public static KernelProfile ProfileFor(GpuDevice device, DataType activation)
    {
        // All that there is to choose from on a GPU is for fp16.
        if (activation != DataType.Float16 && device.Physical.Type != TitokDeviceType.Cpu)
            return new KernelProfile(KernelForm.Portable, activation);
        KernelChoice choice = Choose(device);
        GemmUnit? unit = activation == DataType.Float16 ? UnitOf(device.Physical, choice.Form) : null;
        return unit is null ? new KernelProfile(choice.Form, activation) : KernelProfile.Of(choice.Apply(unit));
    }

    /// <summary>The form that a device is given.</summary>
    public static KernelForm Fastest(GpuDevice device) => Choose(device).Form;

    /// <summary>
    /// Found out once for a device and driver: remembered in the process, and beside the pipeline cache. Which form suits a
    /// CPU driver depends on how it compiles loads, not on anything it says about itself, so it is measured; of what
    /// a GPU has, the fastest of what gives right numbers is used.
    /// </summary>
    private static KernelChoice Choose(GpuDevice device)
    {
        GpuPhysicalDevice physical = device.Physical;
        (string, string, int) key = (physical.Name, physical.Driver, SupportOf(physical));
        lock (s_lock)
        {
            // A host may keep a CPU busy with frames while forms are measured on it.
            bool isKept = device.Host is null || physical.Type != TitokDeviceType.Cpu;
            var file = KernelChoiceFile.For(device);
            if (s_chosen.TryGetValue(key, out KernelChoice? chosen))
            {
                if (isKept && !file.IsThere)
                    file.Write(chosen);
                return chosen;
            }
            if (file.Read() is not { } choice)
            {
                choice = FindOut(device);
                // What there was no memory to try is tried again by the next model.
                if (!choice.IsComplete)
                    return choice;
                if (isKept)
                    file.Write(choice);
            }
            s_chosen.Add(key, choice);
            return choice;
        }
    }

    private static KernelChoice FindOut(GpuDevice device)
    {
        if (device.Physical.Type != TitokDeviceType.Cpu)
            return FastestOnGpu(device);
        if (!Supports(device.Physical, KernelForm.CpuLanes))
            return new KernelChoice(KernelForm.Portable);
        if (!Supports(device.Physical, KernelForm.CpuUniform))
            return new KernelChoice(KernelForm.CpuLanes);
        return new KernelChoice(CpuFormMeasurement.Fastest(device));
    }

    /// <summary>
    /// The fastest of what is right. Multiply-adds are not looked at where matrix units are so much faster than the portable kernels
    /// that they could not come near.
    /// </summary>
    /// <param name="device">To find out about.</param>
    /// <param name="isBrief">Whether timing is cut short, only to show that it works.</param>
    internal static KernelChoice FastestOnGpu(GpuDevice device, bool isBrief = false)
    {
        var choices = new List<(KernelChoice Choice, KernelProfile Profile)> { (new KernelChoice(KernelForm.Portable), new KernelProfile(KernelForm.Portable, DataType.Float16)) };
        int fastest = 0;
        bool isComplete = true, isMeasured = false;
        foreach (KernelForm form in (KernelForm[])[KernelForm.Matrix, KernelForm.MultiplyAdd])
        {
            if (UnitOf(device.Physical, form) is not { } unit)
                continue;
            KernelChoice choice = GemmSelfTest.Run(device, unit, isBrief);
            Warn(device, form, choice);
            if (choice.Form == KernelForm.Portable)
                continue;
            choices.Add((choice, KernelProfile.Of(choice.Apply(unit))));
            if (PictureMeasurement.Seconds(device, [.. choices.Select(c => c.Profile)], isBrief) is { } seconds)
            {
                isMeasured = true;
                fastest = Enumerable.Range(0, seconds.Length).MinBy(i => seconds[i] * (choices[i].Choice.Form == KernelForm.Matrix ? MatrixAdvantage : 1));
                if (fastest != 0 && seconds[fastest] * ClearlyFaster < seconds[0])
                    break;
            }
            else
            {
                isComplete = false;
                // What was made for the device is the better guess.
                if (!isMeasured)
                {
                    fastest = 1;
                    break;
                }
            }
        }
        return choices[fastest].Choice with { IsComplete = isComplete && choices[fastest].Choice.IsComplete };
    }

    private static void Warn(GpuDevice device, KernelForm form, KernelChoice choice)
    {
        string? dropped = choice.Form == KernelForm.Portable ? "kernels" : choice.Convolution ? null : "kernels for convolutions";
        if (dropped is not null)
            device.Logger?.LogWarning("{Form} {Dropped} are wrong on {Device}, or refused by its driver, and not used", form, dropped, device.Physical.Name);
    }
}
