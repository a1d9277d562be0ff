using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>What the library asks a host to enable in its device, of what the physical device has.</summary>
internal sealed unsafe class GpuWishes : IDisposable
{
    private readonly GpuFeatures _features;
    private readonly GpuFeatureChain _chain = new();

    /// <param name="getInstanceProcAddr">The host's or the loader's.</param>
    /// <param name="instance">The host's VkInstance.</param>
    /// <param name="physicalDevice">The host's VkPhysicalDevice.</param>
    /// <param name="isWanted">Which of the optional things, by their names, the wanted kernels gain from.</param>
    /// <param name="except">Names of what is to be left alone, though the device has it.</param>
    public GpuWishes(nint getInstanceProcAddr, nint instance, nint physicalDevice, Func<string, bool> isWanted, IReadOnlyCollection<string> except)
    {
        using var vk = new Vk(new VulkanFunctions(getInstanceProcAddr, instance));
        Device = PhysicalDeviceQuery.Only(PhysicalDeviceQuery.Describe(vk, new PhysicalDevice(physicalDevice), 0), name => !except.Contains(name));
        GpuFeatures has = Device.Features;
        bool importsBinaries = has.BinaryImport && isWanted("cooperativeMatrix");
        _features = new GpuFeatures
        {
            TimelineSemaphore = has.TimelineSemaphore,
            Storage16Bit = has.Storage16Bit && isWanted("storageBuffer16BitAccess"),
            Float16 = has.Float16 && isWanted("shaderFloat16"),
            BufferDeviceAddress = has.BufferDeviceAddress && (isWanted("bufferDeviceAddress") || importsBinaries),
            Int64 = has.Int64 && isWanted("shaderInt64"),
            CooperativeMatrixKhr = has.CooperativeMatrixKhr && isWanted("cooperativeMatrix"),
            MatrixReductions = has.MatrixReductions && isWanted("cooperativeMatrix"),
            BinaryImport = importsBinaries,
            SubgroupSizeControl = has.SubgroupSizeControl && isWanted("cooperativeMatrix"),
        };
        Extensions = [.. GpuRequirement.Extensions.Where(name => Device.Extensions.Contains(name)
            && (!GpuRequirement.MatrixExtensions.Contains(name) || isWanted("cooperativeMatrix"))
            && (name != CooperativeMatrix2Query.MaintenanceExtension || _features.MatrixReductions)
            && (name != BinaryImport.Extension || _features.BinaryImport)
            // Which Vulkan wants enabled with it.
            && (name != "VK_EXT_external_memory_dma_buf" || Device.Extensions.Contains("VK_KHR_external_memory_fd")))];
        Enabled = [.. Extensions, .. Features()];
    }

    public GpuPhysicalDevice Device { get; }

    /// <summary>Device extensions to enable.</summary>
    public IReadOnlyList<string> Extensions { get; }

    /// <summary>Features and extensions that are on when the device is made as wished.</summary>
    public IReadOnlyList<string> Enabled { get; }

    /// <summary>Whether a structure says of itself that it is a VkDeviceCreateInfo.</summary>
    public static bool IsDeviceCreateInfo(nint structure) => ((DeviceCreateInfo*)structure)->SType == StructureType.DeviceCreateInfo;

    /// <summary>Turns the features on in a VkDeviceCreateInfo.</summary>
    public void Patch(nint deviceCreateInfo) => _chain.Patch((DeviceCreateInfo*)deviceCreateInfo, _features);

    public void Dispose() => _chain.Dispose();

    private IEnumerable<string> Features()
    {
        if (_features.TimelineSemaphore)
            yield return "timelineSemaphore";
        if (_features.Storage16Bit)
            yield return "storageBuffer16BitAccess";
        if (_features.Float16)
            yield return "shaderFloat16";
        if (_features.BufferDeviceAddress)
            yield return "bufferDeviceAddress";
        if (_features.Int64)
            yield return "shaderInt64";
        if (_features.CooperativeMatrixKhr)
        {
            yield return "cooperativeMatrix";
            yield return "vulkanMemoryModel";
            yield return "vulkanMemoryModelDeviceScope";
        }
        foreach (string feature in _features.MatrixReductions ? CooperativeMatrix2Query.ReductionFeatures : [])
            yield return feature;
        if (_features.SubgroupSizeControl)
        {
            yield return "subgroupSizeControl";
            yield return "computeFullSubgroups";
        }
    }
}
