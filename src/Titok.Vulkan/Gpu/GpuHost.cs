namespace Titok.Vulkan.Gpu;

/// <summary>What a host hands over when it lends its device; the handles are Vulkan's own.</summary>
internal sealed record GpuHost
{
    public required nint Instance { get; init; }

    public required nint PhysicalDevice { get; init; }

    public required nint Device { get; init; }

    public required nint Queue { get; init; }

    public required uint QueueFamily { get; init; }

    /// <summary>vkGetInstanceProcAddr, the host's or the loader's.</summary>
    public required nint GetInstanceProcAddr { get; init; }

    /// <summary>The version that the instance was made with.</summary>
    public required uint ApiVersion { get; init; }

    /// <summary>The optional features that the host has enabled, by their Vulkan names, and device extensions.</summary>
    public required IReadOnlySet<string> Enabled { get; init; }

    /// <summary>A VkPipelineCache to build pipelines with; 0 for one of our own.</summary>
    public ulong PipelineCache { get; init; }

    /// <summary>Whether the instance has VK_EXT_debug_utils enabled, and names and labels are wanted.</summary>
    public bool DebugLabels { get; init; }

    /// <summary>Called around every submission to the queue, which only one thread may use at a time.</summary>
    public Action? LockQueue { get; init; }

    public Action? UnlockQueue { get; init; }

    /// <summary>Where device memory comes from; null for vkAllocateMemory.</summary>
    public IGpuMemorySource? Memory { get; init; }
}

/// <summary>Gives device memory in place of vkAllocateMemory.</summary>
internal interface IGpuMemorySource
{
    /// <summary>A piece of a VkDeviceMemory, mapped where its type is host-visible; a handle of 0 means that there is none.</summary>
    GpuSourcedMemory Allocate(long sizeInBytes, uint memoryTypeIndex, bool hasDeviceAddress, string purpose);

    void Free(GpuSourcedMemory memory);
}

/// <summary>A piece of memory from a host.</summary>
/// <param name="Memory">The VkDeviceMemory.</param>
/// <param name="OffsetInBytes">Where the piece starts in it; a multiple of 65536.</param>
/// <param name="Mapped">The host's address of the piece's first byte; 0 where it can't be mapped.</param>
/// <param name="Token">The host's own, given back with the memory.</param>
internal readonly record struct GpuSourcedMemory(ulong Memory, long OffsetInBytes, nint Mapped, nint Token);
