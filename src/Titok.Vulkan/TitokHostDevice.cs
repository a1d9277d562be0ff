using Titok.Vulkan.Gpu;

namespace Titok.Vulkan;

/// <summary>A Vulkan device that a host lends; all handles are Vulkan's own, and stay the host's.</summary>
/// <remarks>
/// Nothing of it is destroyed, reset or waited idle. The host keeps it alive until the <see cref="TitokDevice"/> is
/// disposed of, and has the command buffers that slices were recorded into executed (or freed) before that.
/// </remarks>
public sealed record TitokHostDevice
{
    /// <summary>The VkInstance.</summary>
    public required nint Instance { get; init; }

    /// <summary>The VkPhysicalDevice.</summary>
    public required nint PhysicalDevice { get; init; }

    /// <summary>The VkDevice, with <see cref="EnabledFeatures"/> enabled.</summary>
    public required nint Device { get; init; }

    /// <summary>A VkQueue with compute: it gets the library's own submissions, and the host's command buffers with slices.</summary>
    public required nint Queue { get; init; }

    /// <summary>The queue's family.</summary>
    public required int QueueFamily { get; init; }

    /// <summary>vkGetInstanceProcAddr; 0 for that of the system's Vulkan loader.</summary>
    public nint GetInstanceProcAddr { get; init; }

    /// <summary>VkApplicationInfo::apiVersion of the instance, at least Vulkan 1.2, which it is taken for unless told; from 1.3 attention may be faster.</summary>
    public uint ApiVersion { get; init; } = GpuRequirement.Version12;

    /// <summary>
    /// What of the library's requirements the host has enabled: features and device extensions by their Vulkan names.
    /// <see cref="TitokRequirements.Enabled"/> is what <see cref="TitokRequirements.Patch"/> has enabled.
    /// </summary>
    public required IReadOnlyCollection<string> EnabledFeatures { get; init; }

    /// <summary>A VkPipelineCache to build pipelines with; 0 for one of the library's own, kept in the cache folder.</summary>
    public ulong PipelineCache { get; init; }

    /// <inheritdoc cref="TitokDeviceOptions.CacheFolder"/>
    public string? CacheFolder { get; init; }

    /// <summary>
    /// Called before every submission to the queue, from whichever thread, so that the host stays off it. Whoever holds that
    /// lock may call a job's Record, TakeBack, MarkExecuted and Cancel, the properties that tell how far it is, and ReadTokens,
    /// ReadLatents and ReadOutput, which never submit and take no lock that is held while something is submitted. Any other call
    /// may wait for a thread that waits for that lock, even if the same thread may take it again.
    /// </summary>
    public Action? LockQueue { get; init; }

    /// <summary>Called after every submission to the queue.</summary>
    public Action? UnlockQueue { get; init; }

    /// <summary>
    /// Whether the library's objects get names, and slices and recordings labels, for frame debuggers: the instance has
    /// VK_EXT_debug_utils enabled.
    /// </summary>
    public bool DebugLabels { get; init; }

    /// <summary>Gives device memory instead of vkAllocateMemory; null for none.</summary>
    public ITitokMemorySource? Memory { get; init; }

    internal GpuHost ToHost()
    {
        Require(Instance, nameof(Instance));
        Require(PhysicalDevice, nameof(PhysicalDevice));
        Require(Device, nameof(Device));
        Require(Queue, nameof(Queue));
        ArgumentOutOfRangeException.ThrowIfNegative(QueueFamily);
        if (LockQueue is null != UnlockQueue is null)
            throw new ArgumentException("LockQueue and UnlockQueue belong together.");
        return new GpuHost
        {
            Instance = Instance,
            PhysicalDevice = PhysicalDevice,
            Device = Device,
            Queue = Queue,
            QueueFamily = (uint)QueueFamily,
            GetInstanceProcAddr = GetInstanceProcAddr != 0 ? GetInstanceProcAddr : VulkanFunctions.LoadGetInstanceProcAddr(),
            ApiVersion = ApiVersion,
            Enabled = new HashSet<string>(EnabledFeatures),
            PipelineCache = PipelineCache,
            DebugLabels = DebugLabels,
            LockQueue = LockQueue,
            UnlockQueue = UnlockQueue,
            Memory = Memory is null ? null : new HostMemorySource(Memory),
        };
    }

    private static void Require(nint handle, string name)
    {
        if (handle == 0)
            throw new ArgumentException($"{name} is null.", name);
    }

    private sealed class HostMemorySource(ITitokMemorySource source) : IGpuMemorySource
    {
        public GpuSourcedMemory Allocate(long sizeInBytes, uint memoryTypeIndex, bool hasDeviceAddress, string purpose)
        {
            TitokMemory memory = source.Allocate(sizeInBytes, (int)memoryTypeIndex, hasDeviceAddress, purpose);
            return new GpuSourcedMemory(memory.Memory, memory.OffsetInBytes, memory.Mapped, memory.Token);
        }

        public void Free(GpuSourcedMemory memory) =>
            source.Free(new TitokMemory(memory.Memory, memory.OffsetInBytes, memory.Mapped, memory.Token));
    }
}
