using System.Runtime.InteropServices;

namespace Titok.Vulkan.Tests;

/// <summary>Wine, by which programs for Windows run elsewhere: the same calls, but Vulkan's loader and drivers are the system's below it.</summary>
internal static class Wine
{
    private static bool IsHere { get; } = OperatingSystem.IsWindows()
        && NativeLibrary.TryLoad("ntdll.dll", out nint ntdll) && NativeLibrary.TryGetExport(ntdll, "wine_get_version", out _);

    /// <summary>Skips a test that starts a program with variables for Vulkan's loader.</summary>
    public static void SkipsWhatTheLoaderIsTold() =>
        Assert.SkipWhen(IsHere, "under Wine the Vulkan loader sees the variables that Wine was started with, not those of a program");
}
