namespace Titok.Vulkan;

/// <summary>A Vulkan device of this machine.</summary>
/// <param name="Index">
/// Its number, for <see cref="TitokDeviceOptions.Device"/>; of an adopted device its number among those of the host's instance, and
/// −1 where these do not have it.
/// </param>
/// <param name="Name">Its name as the driver gives it.</param>
/// <param name="Driver">Driver name and version.</param>
/// <param name="Type">What kind of device it is.</param>
/// <param name="ApiVersion">Vulkan version it supports, such as 1.3.230.</param>
/// <param name="Profile">
/// The fastest kind of kernels that it has all for: portable, half (fp16), matrix (cooperative matrices) or cpu. Kernels are tested
/// and measured when the first model is loaded: on a GPU of profile matrix or half it may get others, where they are faster or
/// these are wrong there, and with fp32 it gets the portable ones.
/// </param>
/// <param name="SupportsHalf">Whether <see cref="TitokPrecision.Fp16"/> works on it.</param>
/// <param name="MemoryInBytes">Size of its device-local heaps together.</param>
/// <param name="WhyUnusable">What it lacks; null if it can be used.</param>
public sealed record TitokDeviceInfo(
    int Index, string Name, string Driver, TitokDeviceType Type, string ApiVersion, string Profile, bool SupportsHalf, long MemoryInBytes,
    string? WhyUnusable)
{
    /// <summary>The device's UUID as 32 hexadecimal digits.</summary>
    public string Uuid { get; init; } = "";

    /// <summary>Its LUID as 16 hexadecimal digits, by which Windows' other interfaces know it; empty where there is none.</summary>
    public string Luid { get; init; } = "";

    /// <summary>Its PCI address, such as 0000:01:00.0; empty where the driver does not tell.</summary>
    public string PciAddress { get; init; } = "";
}
