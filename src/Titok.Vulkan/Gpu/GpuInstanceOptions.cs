using Microsoft.Extensions.Logging;

namespace Titok.Vulkan.Gpu;

/// <summary>How to make a <see cref="GpuInstance"/>.</summary>
internal sealed record GpuInstanceOptions
{
    /// <summary>Turns the Khronos validation layer on, with synchronization validation; also by TITOK_VALIDATION=1.</summary>
    public bool Validation { get; init; }

    /// <summary>Gets each warning and error of the layers, from whichever thread made the call.</summary>
    public Action<string>? OnMessage { get; init; }

    public ILogger? Logger { get; init; }

    /// <summary>Where Vulkan's functions come from instead of a loader library; 0 for a library.</summary>
    public nint GetInstanceProcAddr { get; init; }

    /// <summary>Loader libraries to try, in order; null for the system's.</summary>
    public IReadOnlyList<string>? LoaderLibraries { get; init; }

    public static bool ValidationFromEnvironment =>
        Environment.GetEnvironmentVariable("TITOK_VALIDATION") is { Length: > 0 } value && value != "0";
}
