using Titok.Vulkan.Gpu;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Engine;

/// <summary>How much work goes into one submission.</summary>
internal static class SubmissionSize
{
    /// <summary>
    /// Well below the seconds after which drivers give a device up for lost. It is told by what a slow GPU is expected to take, so
    /// that most are done with it much sooner.
    /// </summary>
    private const double MaxMilliseconds = 500;

    /// <summary>Most pictures of one submission on a card with matrix units: waves of workgroups are fuller with more rows, and launches fewer.</summary>
    private const int MaxPicturesOnMatrixUnits = 64;

    /// <summary>Other devices gain nothing from more, and take more memory.</summary>
    private const int MaxPicturesElsewhere = 16;

    public static int MaxPictures(GpuPhysicalDevice device, KernelProfile profile) =>
        IsFast(device, profile) ? MaxPicturesOnMatrixUnits : MaxPicturesElsewhere;

    /// <summary>
    /// What of a job is submitted at a time where nobody says: a step of the sampling loop, and less of it on a GPU where that could
    /// take seconds. CPUs take their time, and nobody watches.
    /// </summary>
    public static SliceBudget Longest(GpuPhysicalDevice device, KernelProfile profile) =>
        device.Type == TitokDeviceType.Cpu || IsFast(device, profile) ? SliceBudget.OfSteps(1) : SliceBudget.OfTime(MaxMilliseconds) with { Steps = 1 };

    /// <summary>Whether it has matrix units, and not few of them.</summary>
    private static bool IsFast(GpuPhysicalDevice device, KernelProfile profile) => device.Type == TitokDeviceType.Discrete && profile.OnMatrixUnits;
}
