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
        _features = GpuFeature.Where(IsWished);
        Extensions = GpuRequirement.Extensions(Device.Extensions, _features);
        Enabled = [.. Extensions, .. GpuFeature.FieldsOf(_features).Select(field => field.Name)];

        bool IsWished(GpuFeature feature) => feature.IsIn(Device.Features)
            && (feature.IsRequired || Gains(feature.WantedWith ?? feature) || GpuFeature.All.Any(other => other.Needs.Contains(feature) && IsWished(other)));

        bool Gains(GpuFeature feature) => feature.Fields is not [var field, ..] || isWanted(field.Name);
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
}
