using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>One device a driver offers: what it is, what it can do, and why not, where it can't serve.</summary>
internal sealed record GpuPhysicalDevice
{
    /// <summary>Its place in the loader's order; what <c>--device N</c> means. −1 for a host's device that its instance does not tell of.</summary>
    public required int Index { get; init; }

    public required string Name { get; init; }

    /// <summary>The driver's name and version as it writes them, such as "llvmpipe Mesa 22.3.6 (LLVM 15.0.6)".</summary>
    public required string Driver { get; init; }

    public required TitokDeviceType Type { get; init; }

    /// <summary>The packed Vulkan version.</summary>
    public required uint ApiVersion { get; init; }

    public string ApiVersionText => $"{ApiVersion >> 22 & 0x7f}.{ApiVersion >> 12 & 0x3ff}.{ApiVersion & 0xfff}";

    public uint VendorId { get; init; }

    public uint DeviceId { get; init; }

    public DriverId DriverId { get; init; }

    public uint DriverVersion { get; init; }

    /// <summary>The device's 16-byte UUID.</summary>
    public byte[] Uuid { get; init; } = [];

    /// <summary>The device's 8-byte LUID, by which Windows' other interfaces know it; empty where there is none.</summary>
    public byte[] Luid { get; init; } = [];

    /// <summary>Such as 0000:01:00.0; empty where the driver does not tell.</summary>
    public string PciAddress { get; init; } = "";

    public byte[] DriverUuid { get; init; } = [];

    public byte[] PipelineCacheUuid { get; init; } = [];

    public required GpuLimits Limits { get; init; }

    public required GpuFeatures Features { get; init; }

    /// <summary>
    /// The largest fragments of fp16 that one subgroup multiplies and adds up in fp32; null where it cannot, or where
    /// something else is missing that the matrix kernels need.
    /// </summary>
    public GpuMatrixFragment? MatrixFragment { get; init; }

    public IReadOnlySet<string> Extensions { get; init; } = new HashSet<string>();

    /// <summary>The queue family that compute goes to, or -1.</summary>
    public int QueueFamily { get; init; } = -1;

    /// <summary>How many bits of a timestamp count on that family; 0 where there are no timestamps.</summary>
    public int TimestampBits { get; init; }

    /// <summary>These bits: within them the counter wraps.</summary>
    public ulong TimestampMask => TimestampBits >= 64 ? ulong.MaxValue : (1ul << TimestampBits) - 1;

    /// <summary>Null where the device can serve; otherwise what it lacks, by its Vulkan name.</summary>
    public string? WhyUnusable { get; init; }

    internal PhysicalDevice Handle { get; init; }

    public override string ToString() => $"{Name} ({Type.ToString().ToLowerInvariant()}, {Driver})";
}

/// <summary>The limits the library reads, sizes in bytes.</summary>
internal sealed record GpuLimits
{
    public long MaxStorageBufferRangeInBytes { get; init; }

    public long MaxMemoryAllocationSizeInBytes { get; init; }

    public int MaxMemoryAllocationCount { get; init; }

    public int MinStorageBufferOffsetAlignmentInBytes { get; init; }

    public int MaxPushConstantsSizeInBytes { get; init; }

    public int MaxStorageBuffersPerStage { get; init; }

    public int MaxComputeSharedMemoryInBytes { get; init; }

    public int MaxComputeWorkGroupInvocations { get; init; }

    public uint MaxComputeWorkGroupCountX { get; init; }

    public uint MaxComputeWorkGroupCountY { get; init; }

    public uint MaxComputeWorkGroupCountZ { get; init; }

    public int SubgroupSize { get; init; }

    /// <summary>Whether compute shaders may use subgroup operations of the basic, ballot and arithmetic kinds.</summary>
    public bool HasSubgroupOperations { get; init; }

    /// <summary>Processors that run workgroups; 0 where the driver does not tell.</summary>
    public int Processors { get; init; }

    public double TimestampPeriodInNanoseconds { get; init; }

    /// <summary>The sum of the device-local heaps.</summary>
    public long DeviceLocalMemoryInBytes { get; init; }
}

/// <summary>Features that a device has and the library can use; all are enabled when a <see cref="GpuDevice"/> is made (<see cref="GpuFeature"/>).</summary>
internal sealed record GpuFeatures
{
    /// <summary>Nothing runs without.</summary>
    public bool TimelineSemaphore { get; init; }

    /// <summary>16-bit types in storage buffers.</summary>
    public bool Storage16Bit { get; init; }

    /// <summary>fp16 arithmetic.</summary>
    public bool Float16 { get; init; }

    public bool BufferDeviceAddress { get; init; }

    /// <summary>64-bit integer arithmetic.</summary>
    public bool Int64 { get; init; }

    /// <summary>VK_EXT_memory_budget.</summary>
    public bool MemoryBudget { get; init; }

    /// <summary>VK_KHR_cooperative_matrix with all else that the matrix kernels need, and fragments that they are made for.</summary>
    public bool CooperativeMatrix { get; init; }

    /// <summary>VK_NV_cooperative_matrix2 with what the kernel that reduces rows of a subgroup's matrices needs of it.</summary>
    public bool MatrixReductions { get; init; }

    /// <summary>
    /// VK_NVX_binary_import with <see cref="BufferDeviceAddress"/>, without which its programs find no buffers, on a device that takes
    /// the modules that there are (<see cref="Gpu.BinaryImport.Takes"/>).
    /// </summary>
    public bool BinaryImport { get; init; }

    /// <summary>A pipeline may demand its subgroups' size (VK_EXT_subgroup_size_control).</summary>
    public bool SubgroupSizeControl { get; init; }
}

/// <summary>A cooperative matrix product a device offers: rows, columns, products added up, and invocations that make it together.</summary>
internal sealed record GpuMatrixFragment(int M, int N, int K, int SubgroupSize);
