using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>Turns a VkResult that is not a success into the library's typed error.</summary>
internal static class VulkanResult
{
    /// <summary>By these the loader finds other drivers than those that are installed, or fewer.</summary>
    private static readonly string[] s_driverVariables = ["VK_DRIVER_FILES", "VK_ICD_FILENAMES", "VK_LOADER_DRIVERS_SELECT", "VK_LOADER_DRIVERS_DISABLE"];

    /// <summary>Throws for an error of a call that has no device yet.</summary>
    public static void Check(Result result, string call)
    {
        if (result >= Result.Success)
            return;
        throw ToException(result, call);
    }

    public static Exception ToException(Result result, string call) => result switch
    {
        Result.ErrorDeviceLost => new DeviceLostException($"The GPU was lost ({call})."),
        Result.ErrorOutOfDeviceMemory => new OutOfDeviceMemoryException($"The GPU is out of memory ({call}).", 0, 0),
        Result.ErrorOutOfHostMemory => new OutOfDeviceMemoryException($"The Vulkan driver is out of host memory ({call}).", 0, 0),
        Result.ErrorOutOfPoolMemory or Result.ErrorFragmentedPool or Result.ErrorMemoryMapFailed or Result.ErrorTooManyObjects =>
            new OutOfDeviceMemoryException($"The Vulkan driver has no room left: {Name(result)} ({call}).", 0, 0),
        Result.ErrorFeatureNotPresent => new MissingFeatureException(call, $"The GPU lacks a feature that was asked for ({call})."),
        Result.ErrorExtensionNotPresent => new MissingFeatureException(call, $"The GPU lacks an extension that was asked for ({call})."),
        Result.ErrorLayerNotPresent => new MissingFeatureException(call, $"A Vulkan layer that was asked for is not installed ({call})."),
        Result.ErrorIncompatibleDriver => new NoDeviceException(NoDriverMessage),
        Result.ErrorInitializationFailed => new NoDeviceException($"The Vulkan driver could not be initialized ({call})."),
        _ => new TitokException($"The Vulkan call {call} failed: {Name(result)}."),
    };

    /// <summary>What Vulkan's headers call a result: VK_ERROR_UNKNOWN; a number where they have no name for it.</summary>
    internal static string Name(Result result) => Enum.IsDefined(result)
        ? "VK" + string.Concat(result.ToString().Select(letter => char.IsUpper(letter) ? $"_{letter}" : $"{char.ToUpperInvariant(letter)}"))
        : $"VkResult {(int)result}";

    /// <summary>What is wrong where the loader finds no driver: mostly that there is none, unless it was told where to look.</summary>
    public static string NoDriverMessage => NoDriverWith(Environment.GetEnvironmentVariable);

    /// <summary>The same where the environment has such variables; null for one that is not set.</summary>
    internal static string NoDriverWith(Func<string, string?> variable) =>
        s_driverVariables.FirstOrDefault(name => variable(name) is not null) is { } set
            ? $"The Vulkan loader finds no driver; it is told where to look by {set}='{variable(set)}'"
            : "No Vulkan driver is installed; install your GPU vendor's, or on Debian: apt-get install libvulkan1 mesa-vulkan-drivers";
}
