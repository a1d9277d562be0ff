using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>
/// One of <see cref="GpuFeatures"/>, and what it is in Vulkan's terms: this table is what a device's features are read by, enabled by,
/// and told to a host by.
/// </summary>
internal sealed unsafe class GpuFeature
{
    private const string NoAddresses = "no kernels that read by address", NoMatrices = "no matrix units";

    private readonly Func<GpuFeatures, bool> _get;
    private readonly Func<GpuFeatures, bool, GpuFeatures> _set;

    private GpuFeature(string without, Func<GpuFeatures, bool> get, Func<GpuFeatures, bool, GpuFeatures> set) => (Without, _get, _set) = (without, get, set);

    public static GpuFeature TimelineSemaphore { get; } = new("nothing runs", f => f.TimelineSemaphore, (f, on) => f with { TimelineSemaphore = on })
    {
        IsRequired = true,
        Fields =
        [
            GpuFeatureField.Of<PhysicalDeviceTimelineSemaphoreFeatures, PhysicalDeviceVulkan12Features>(
                "timelineSemaphore", s => &s->TimelineSemaphore, s => &s->TimelineSemaphore),
        ],
    };

    public static GpuFeature Storage16Bit { get; } = new(
        "no fp16 weights and activations: twice the memory, and slower kernels on a GPU", f => f.Storage16Bit, (f, on) => f with { Storage16Bit = on })
    {
        Fields =
        [
            GpuFeatureField.Of<PhysicalDevice16BitStorageFeatures, PhysicalDeviceVulkan11Features>(
                "storageBuffer16BitAccess", s => &s->StorageBuffer16BitAccess, s => &s->StorageBuffer16BitAccess),
        ],
    };

    public static GpuFeature Float16 { get; } = new(NoMatrices, f => f.Float16, (f, on) => f with { Float16 = on })
    {
        Fields =
        [
            GpuFeatureField.Of<PhysicalDeviceShaderFloat16Int8Features, PhysicalDeviceVulkan12Features>(
                "shaderFloat16", s => &s->ShaderFloat16, s => &s->ShaderFloat16),
        ],
    };

    public static GpuFeature BufferDeviceAddress { get; } = new(NoAddresses, f => f.BufferDeviceAddress, (f, on) => f with { BufferDeviceAddress = on })
    {
        Fields =
        [
            GpuFeatureField.Of<PhysicalDeviceBufferDeviceAddressFeatures, PhysicalDeviceVulkan12Features>(
                "bufferDeviceAddress", s => &s->BufferDeviceAddress, s => &s->BufferDeviceAddress),
        ],
    };

    public static GpuFeature Int64 { get; } = new(NoAddresses, f => f.Int64, (f, on) => f with { Int64 = on })
    {
        Fields = [GpuFeatureField.Of<PhysicalDeviceFeatures2>("shaderInt64", s => &s->Features.ShaderInt64)],
    };

    public static GpuFeature MemoryBudget { get; } = new("too large a model is noticed late", f => f.MemoryBudget, (f, on) => f with { MemoryBudget = on })
    {
        Extension = "VK_EXT_memory_budget",
    };

    public static GpuFeature CooperativeMatrix { get; } = new(NoMatrices, f => f.CooperativeMatrix, (f, on) => f with { CooperativeMatrix = on })
    {
        Needs = [Float16, Storage16Bit],
        Extension = CooperativeMatrixQuery.Extension,
        Fields =
        [
            GpuFeatureField.Of<PhysicalDeviceCooperativeMatrixFeaturesKHR>("cooperativeMatrix", s => &s->CooperativeMatrix),
            GpuFeatureField.Of<PhysicalDeviceVulkanMemoryModelFeatures, PhysicalDeviceVulkan12Features>(
                "vulkanMemoryModel", s => &s->VulkanMemoryModel, s => &s->VulkanMemoryModel),
            // Where the model is enabled, other shaders' atomics need this too.
            GpuFeatureField.Of<PhysicalDeviceVulkanMemoryModelFeatures, PhysicalDeviceVulkan12Features>(
                "vulkanMemoryModelDeviceScope", s => &s->VulkanMemoryModelDeviceScope, s => &s->VulkanMemoryModelDeviceScope),
        ],
    };

    public static GpuFeature MatrixReductions { get; } = new(
        "slower attention, in two passes", f => f.MatrixReductions, (f, on) => f with { MatrixReductions = on })
    {
        WantedWith = CooperativeMatrix,
        Needs = [CooperativeMatrix],
        // Of the SPIR-V that the extension's shaders are.
        Version = Vk.Version13,
        Extension = "VK_NV_cooperative_matrix2",
        Fields =
        [
            GpuFeatureField.Of<PhysicalDeviceCooperativeMatrix2FeaturesNV>("cooperativeMatrixReductions", s => &s->CooperativeMatrixReductions),
            GpuFeatureField.Of<PhysicalDeviceCooperativeMatrix2FeaturesNV>("cooperativeMatrixConversions", s => &s->CooperativeMatrixConversions),
            GpuFeatureField.Of<PhysicalDeviceCooperativeMatrix2FeaturesNV>(
                "cooperativeMatrixPerElementOperations", s => &s->CooperativeMatrixPerElementOperations),
            // That SPIR-V tells a specialized workgroup size (LocalSizeId) in a way that needs this.
            GpuFeatureField.Of<PhysicalDeviceMaintenance4Features, PhysicalDeviceVulkan13Features>(
                "maintenance4", s => &s->Maintenance4, s => &s->Maintenance4),
        ],
        // By which a feature of Vulkan 1.3 may be enabled where a host's instance is of an earlier version.
        ExtensionAlong = "VK_KHR_maintenance4",
    };

    public static GpuFeature BinaryImport { get; } = new(
        "slower large products on NVIDIA's data-center GPUs of the Hopper generation", f => f.BinaryImport, (f, on) => f with { BinaryImport = on })
    {
        WantedWith = CooperativeMatrix,
        Needs = [BufferDeviceAddress],
        Extension = Gpu.BinaryImport.Extension,
    };

    public static GpuFeature SubgroupSizeControl { get; } = new(
        "no matrix units where subgroups differ in size", f => f.SubgroupSizeControl, (f, on) => f with { SubgroupSizeControl = on })
    {
        WantedWith = CooperativeMatrix,
        Extension = SubgroupSizeQuery.Extension,
        Fields =
        [
            GpuFeatureField.Of<PhysicalDeviceSubgroupSizeControlFeatures, PhysicalDeviceVulkan13Features>(
                "subgroupSizeControl", s => &s->SubgroupSizeControl, s => &s->SubgroupSizeControl),
            GpuFeatureField.Of<PhysicalDeviceSubgroupSizeControlFeatures, PhysicalDeviceVulkan13Features>(
                "computeFullSubgroups", s => &s->ComputeFullSubgroups, s => &s->ComputeFullSubgroups),
        ],
    };

    /// <summary>All, each behind those that it needs.</summary>
    public static IReadOnlyList<GpuFeature> All { get; } =
    [
        TimelineSemaphore, Storage16Bit, Float16, BufferDeviceAddress, Int64, MemoryBudget, CooperativeMatrix, MatrixReductions, BinaryImport, SubgroupSizeControl,
    ];

    /// <summary>What a device without it loses, as part of a sentence.</summary>
    public string Without { get; }

    /// <summary>Whether nothing runs without.</summary>
    public bool IsRequired { get; private init; }

    /// <summary>The version of Vulkan from which on it is used.</summary>
    public uint Version { get; private init; } = Vk.Version12;

    /// <summary>The device extension that it takes; null for none.</summary>
    public string? Extension { get; private init; }

    /// <summary>An extension that it does without, and that is enabled with it where it is there.</summary>
    public string? ExtensionAlong { get; private init; }

    /// <summary>The features that it takes, all of them.</summary>
    public IReadOnlyList<GpuFeatureField> Fields { get; private init; } = [];

    /// <summary>The others that it is of no use without.</summary>
    public IReadOnlyList<GpuFeature> Needs { get; private init; } = [];

    /// <summary>The one whose kernels gain from it, where that is another.</summary>
    public GpuFeature? WantedWith { get; private init; }

    /// <summary>Vulkan's names of all that it takes.</summary>
    public IEnumerable<string> Names => [.. Extension is null ? (string[])[] : [Extension], .. Fields.Select(f => f.Name)];

    /// <summary>The fields of features, which are those to turn on.</summary>
    public static IEnumerable<GpuFeatureField> FieldsOf(GpuFeatures features) => All.Where(feature => feature.IsIn(features)).SelectMany(feature => feature.Fields);

    public bool IsIn(GpuFeatures features) => _get(features);

    /// <summary>All features that there are, of those that have all they need.</summary>
    public static GpuFeatures Where(Func<GpuFeature, bool> isThere) => All.Aggregate(
        new GpuFeatures(), (features, feature) => feature._set(features, feature.Needs.All(needed => needed.IsIn(features)) && isThere(feature)));
}
