namespace Titok.Vulkan;

/// <summary>One thing that the library wants of a device.</summary>
/// <param name="Name">The Vulkan name of the version, feature, extension or limit; of a driver its name and version.</param>
/// <param name="IsRequired">Whether nothing runs without it.</param>
/// <param name="Without">What a device without it loses.</param>
public sealed record TitokRequirement(string Name, bool IsRequired, string Without);
