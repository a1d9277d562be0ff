namespace Titok.Vulkan;

/// <summary>A Vulkan device of this machine.</summary>
/// <param name="Index">Its number, for <see cref="TitokDeviceOptions.Device"/>.</param>
/// <param name="Name">Its name as the driver gives it.</param>
/// <param name="Driver">Driver name and version.</param>
/// <param name="Type">discrete, integrated, virtual, cpu or other.</param>
/// <param name="ApiVersion">Vulkan version it supports, such as 1.3.230.</param>
/// <param name="Profile">Kernels it is given by default: portable, half or cpu.</param>
/// <param name="SupportsHalf">Whether <see cref="TitokPrecision.Fp16"/> works on it.</param>
/// <param name="MemoryInBytes">Size of its largest device-local heap.</param>
/// <param name="WhyUnusable">What it lacks; null if it can be used.</param>
public sealed record TitokDeviceInfo(
    int Index, string Name, string Driver, string Type, string ApiVersion, string Profile, bool SupportsHalf, long MemoryInBytes,
    string? WhyUnusable);
