using Microsoft.Extensions.Logging;

namespace Titok.Vulkan;

/// <summary>Which device to use, and how.</summary>
public sealed record TitokDeviceOptions
{
    /// <summary>
    /// The device's number in <see cref="TitokDevice.List"/>, part of its name, or one of uuid:…, luid:… and pci:… with
    /// what <see cref="TitokDeviceInfo"/> says, as other programs and interfaces name devices. By default the best there is:
    /// discrete before integrated before virtual before CPU.
    /// </summary>
    public string? Device { get; init; }

    /// <summary>Turns on the Khronos validation layer with synchronization validation, where it is installed.</summary>
    public bool Validation { get; init; }

    /// <summary>
    /// Where compiled kernels, and which of them are right and the fastest on the device, are kept for the next time; null for
    /// titok in the user's cache folder, empty for nowhere. What can't be read or written there is found out anew.
    /// </summary>
    public string? CacheFolder { get; init; }

    /// <summary>Receives each message of the validation layer.</summary>
    public Action<string>? ValidationMessage { get; init; }

    /// <summary>Receives what the library has to say.</summary>
    public ILogger? Logger { get; init; }

    /// <summary>Where Vulkan's functions come from instead of the loader; for tests that make them fail.</summary>
    internal nint GetInstanceProcAddr { get; init; }
}
