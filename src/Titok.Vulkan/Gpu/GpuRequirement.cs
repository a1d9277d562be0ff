namespace Titok.Vulkan.Gpu;

/// <summary>One thing the library wants of a device: by its Vulkan name, and what goes without it.</summary>
/// <param name="Name">The Vulkan name of the version, feature, extension or limit.</param>
/// <param name="IsRequired">Whether a device without it can't be used at all.</param>
/// <param name="Without">What a device without it loses, as part of a sentence.</param>
/// <param name="IsMet">Whether a device has it.</param>
internal sealed record GpuRequirement(string Name, bool IsRequired, string Without, Func<GpuPhysicalDevice, bool> IsMet)
{
    public const uint Version12 = 1u << 22 | 2u << 12;

    /// <summary>Device extensions that are turned on where they are there.</summary>
    public static IReadOnlyList<string> Extensions { get; } =
    [
        "VK_KHR_portability_subset", "VK_EXT_memory_budget", "VK_KHR_external_memory_fd", "VK_EXT_external_memory_dma_buf",
        "VK_KHR_external_semaphore_fd", "VK_KHR_external_memory_win32", "VK_KHR_external_semaphore_win32",
        CooperativeMatrixQuery.Extension, CooperativeMatrix2Query.Extension, SubgroupSizeQuery.Extension,
    ];

    public static IReadOnlyList<GpuRequirement> All { get; } =
    [
        new("Vulkan 1.2", true, "nothing runs", d => d.ApiVersion >= Version12),
        new("timelineSemaphore", true, "nothing runs", d => d.Features.TimelineSemaphore),
        new("a compute queue", true, "nothing runs", d => d.QueueFamily >= 0),
        new("maxComputeWorkGroupInvocations of 256", true, "nothing runs", d => d.Limits.MaxComputeWorkGroupInvocations >= 256),
        new("maxPerStageDescriptorStorageBuffers of 8", true, "nothing runs", d => d.Limits.MaxStorageBuffersPerStage >= 8),
        new("storageBuffer16BitAccess", false, "no fp16 weights and activations: twice the memory", d => d.Features.Storage16Bit),
        new("shaderFloat16", false, "no fp16 arithmetic", d => d.Features.Float16),
        new("bufferDeviceAddress", false, "no kernels that read by address", d => d.Features.BufferDeviceAddress),
        new("shaderInt64", false, "no kernels that read by address", d => d.Features.Int64),
        new("VK_EXT_memory_budget", false, "too large a model is noticed late", d => d.Features.MemoryBudget),
        new("VK_KHR_cooperative_matrix", false, "no matrix units", d => d.Features.CooperativeMatrixKhr),
        new("VK_NV_cooperative_matrix2 with matrices of workgroups", false, "slower attention", d => d.Features.CooperativeMatrix2),
        new("vulkanMemoryModel with device scope", false, "no matrix units", d => d.Features.VulkanMemoryModel),
        new("subgroupSizeControl with full subgroups", false, "no matrix units where subgroups differ in size", d => d.Features.SubgroupSizeControl),
        new("timestamps", false, "no times per stage", d => d.TimestampBits > 0),
    ];

    /// <summary>Why a device can't be used, or null where it can.</summary>
    public static string? FirstUnmet(GpuPhysicalDevice device) =>
        All.FirstOrDefault(r => r.IsRequired && !r.IsMet(device)) is { } unmet ? $"it lacks {unmet.Name}" : null;
}
