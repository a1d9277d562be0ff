using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>One thing the library wants of a device: by its Vulkan name, and what goes without it.</summary>
/// <param name="Name">
/// The Vulkan name of the version, feature, extension or limit, or of a driver its name and version; of what is optional, the one to
/// name when it is enabled.
/// </param>
/// <param name="Without">What a device without it loses, as part of a sentence.</param>
/// <param name="IsMet">Whether a device has it; null for what is optional, which is asked for where it is used.</param>
internal sealed record GpuRequirement(string Name, string Without, Func<GpuPhysicalDevice, bool>? IsMet = null)
{
    /// <summary>For whoever has no <see cref="Vk"/>.</summary>
    public const uint Version12 = 1u << 22 | 2u << 12;

    /// <summary>As MoltenVK writes 1.3.0 in driverVersion.</summary>
    private const uint MoltenVk13 = 10300;

    private const string Nothing = "nothing runs", Portability = "VK_KHR_portability_subset";

    /// <summary>By which memory and semaphores are shared, each only with the one that it builds on, where that is another.</summary>
    private static readonly (string Name, string? With)[] s_sharing =
    [
        ("VK_KHR_external_memory_fd", null), ("VK_EXT_external_memory_dma_buf", "VK_KHR_external_memory_fd"), ("VK_KHR_external_semaphore_fd", null),
        ("VK_KHR_external_memory_win32", null), ("VK_KHR_external_semaphore_win32", null),
    ];

    public static IReadOnlyList<GpuRequirement> All { get; } =
    [
        new("Vulkan 1.2", Nothing, d => d.ApiVersion >= Version12),
        .. GpuFeature.All.Where(feature => feature.IsRequired).SelectMany(Each),
        new("a compute queue", Nothing, d => d.QueueFamily >= 0),
        new("maxComputeWorkGroupInvocations of 256", Nothing, d => d.Limits.MaxComputeWorkGroupInvocations >= 256),
        new("maxPerStageDescriptorStorageBuffers of 8", Nothing, d => d.Limits.MaxStorageBuffersPerStage >= 8),
        // Earlier ones leave a specialization constant that an array is sized by at its default, without an error.
        new("MoltenVK 1.3 (where that is the driver)", Nothing, d => d.DriverId != DriverId.Moltenvk || d.DriverVersion >= MoltenVk13),
        .. GpuFeature.All.Where(feature => !feature.IsRequired).SelectMany(Each),
        .. s_sharing.Select(extension => new GpuRequirement(extension.Name, "no pictures shared with other devices and programs")),
        new(Portability, "nothing, but Vulkan wants it enabled where it is there"),
        new("timestampValidBits of the queue family", "no times per stage"),
    ];

    /// <summary>Whether a device without it can't be used at all.</summary>
    public bool IsRequired => IsMet is not null;

    /// <summary>The extensions to enable of those that a device has.</summary>
    /// <param name="there">The device's extensions.</param>
    /// <param name="enabled">The features that are enabled.</param>
    public static IReadOnlyList<string> Extensions(IReadOnlySet<string> there, GpuFeatures enabled)
    {
        IEnumerable<string?> ofFeatures = GpuFeature.All.Where(feature => feature.IsIn(enabled)).SelectMany(feature => (string?[])[feature.Extension, feature.ExtensionAlong]);
        IEnumerable<string> sharing = s_sharing.Where(extension => extension.With is null || there.Contains(extension.With)).Select(extension => extension.Name);
        return [.. ofFeatures.OfType<string>().Concat(sharing).Append(Portability).Where(there.Contains)];
    }

    /// <summary>What keeps a device from being used, or null where nothing does.</summary>
    public static GpuRequirement? Unmet(GpuPhysicalDevice device) => All.FirstOrDefault(r => r.IsMet is { } isMet && !isMet(device));

    /// <summary>Why a device can't be used, or null where it can.</summary>
    public static string? WhyUnusable(GpuPhysicalDevice device) => Unmet(device) is { } unmet ? $"it lacks {unmet.Name}" : null;

    private static IEnumerable<GpuRequirement> Each(GpuFeature feature)
    {
        foreach (string name in feature.Names)
            yield return new GpuRequirement(name, feature.Without, feature.IsRequired ? device => feature.IsIn(device.Features) : null);
        if (feature.ExtensionAlong is { } along)
            yield return new GpuRequirement(along, "nothing, but Vulkan wants it enabled with maintenance4 where the instance is older than 1.3");
    }
}
