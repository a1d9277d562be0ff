namespace Titok.Vulkan.Gpu;

/// <summary>One thing the library wants of a device: by its Vulkan name, and what goes without it.</summary>
/// <param name="Name">The Vulkan name of the version, feature, extension or limit; of what is optional, the one to name when it is enabled.</param>
/// <param name="Without">What a device without it loses, as part of a sentence.</param>
/// <param name="IsMet">Whether a device has it; null for what is optional, which is asked for where it is used.</param>
internal sealed record GpuRequirement(string Name, string Without, Func<GpuPhysicalDevice, bool>? IsMet = null)
{
    public const uint Version12 = 1u << 22 | 2u << 12, Version13 = 1u << 22 | 3u << 12;

    private const string Nothing = "nothing runs", NoAddresses = "no kernels that read by address", NoMatrices = "no matrix units";
    private const string SlowerAttention = "slower attention, in two passes", OneSubgroupSize = "no matrix units where subgroups differ in size";
    private const string SlowerProducts = "slower large products on NVIDIA's data-center GPUs of the Hopper generation";
    private const string NoSharing = "no pictures shared with other devices and programs";

    /// <summary>Those of the matrix kernels.</summary>
    public static IReadOnlyList<string> MatrixExtensions { get; } =
        [CooperativeMatrixQuery.Extension, CooperativeMatrix2Query.Extension, CooperativeMatrix2Query.MaintenanceExtension, SubgroupSizeQuery.Extension, BinaryImport.Extension];

    /// <summary>Device extensions that are enabled where they are there.</summary>
    public static IReadOnlyList<string> Extensions { get; } =
    [
        "VK_KHR_portability_subset", "VK_EXT_memory_budget", "VK_KHR_external_memory_fd", "VK_EXT_external_memory_dma_buf",
        "VK_KHR_external_semaphore_fd", "VK_KHR_external_memory_win32", "VK_KHR_external_semaphore_win32", .. MatrixExtensions,
    ];

    public static IReadOnlyList<GpuRequirement> All { get; } =
    [
        new("Vulkan 1.2", Nothing, d => d.ApiVersion >= Version12),
        new("timelineSemaphore", Nothing, d => d.Features.TimelineSemaphore),
        new("a compute queue", Nothing, d => d.QueueFamily >= 0),
        new("maxComputeWorkGroupInvocations of 256", Nothing, d => d.Limits.MaxComputeWorkGroupInvocations >= 256),
        new("maxPerStageDescriptorStorageBuffers of 8", Nothing, d => d.Limits.MaxStorageBuffersPerStage >= 8),
        new("storageBuffer16BitAccess", "no fp16 weights and activations: twice the memory, and slower kernels on a GPU"),
        new("shaderFloat16", NoMatrices),
        new("bufferDeviceAddress", NoAddresses),
        new("shaderInt64", NoAddresses),
        new("VK_EXT_memory_budget", "too large a model is noticed late"),
        .. Each(NoMatrices, [CooperativeMatrixQuery.Extension, "cooperativeMatrix", "vulkanMemoryModel", "vulkanMemoryModelDeviceScope"]),
        .. Each(SlowerAttention, [CooperativeMatrix2Query.Extension, .. CooperativeMatrix2Query.ReductionFeatures]),
        new(CooperativeMatrix2Query.MaintenanceExtension, "nothing, but Vulkan wants it enabled with maintenance4 where the instance is older than 1.3"),
        .. Each(OneSubgroupSize, [SubgroupSizeQuery.Extension, "subgroupSizeControl", "computeFullSubgroups"]),
        new(BinaryImport.Extension, SlowerProducts),
        .. Each(NoSharing, [.. Extensions.Where(name => name.Contains("external", StringComparison.Ordinal))]),
        new("VK_KHR_portability_subset", "nothing, but Vulkan wants it enabled where it is there"),
        new("timestampValidBits of the queue family", "no times per stage"),
    ];

    /// <summary>Whether a device without it can't be used at all.</summary>
    public bool IsRequired => IsMet is not null;

    /// <summary>What keeps a device from being used, or null where nothing does.</summary>
    public static GpuRequirement? Unmet(GpuPhysicalDevice device) => All.FirstOrDefault(r => r.IsMet is { } isMet && !isMet(device));

    /// <summary>Why a device can't be used, or null where it can.</summary>
    public static string? WhyUnusable(GpuPhysicalDevice device) => Unmet(device) is { } unmet ? $"it lacks {unmet.Name}" : null;

    private static IEnumerable<GpuRequirement> Each(string without, IEnumerable<string> names) => names.Select(name => new GpuRequirement(name, without));
}
