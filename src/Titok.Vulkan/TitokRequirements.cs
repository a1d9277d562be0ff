using Titok.Vulkan.Gpu;

namespace Titok.Vulkan;

/// <summary>
/// What to enable when making a VkDevice that <see cref="TitokDevice.Adopt"/> is going to be given. It patches the
/// host's own VkDeviceCreateInfo, and owns the memory of what it adds there: dispose of it after vkCreateDevice.
/// </summary>
public sealed class TitokRequirements : IDisposable
{
    private readonly GpuWishes _wishes;

    private TitokRequirements(GpuWishes wishes) => _wishes = wishes;

    /// <summary>The version that VkApplicationInfo::apiVersion must at least have: Vulkan 1.2. No instance extension is needed.</summary>
    public static uint ApiVersion => GpuRequirement.Version12;

    /// <summary>
    /// Everything that is required, and everything that is optional with what is lost without it. The fast fp16 kernels also want
    /// limits: maxPerStageDescriptorStorageBuffers of 12 and 32 KiB of shared memory.
    /// </summary>
    public static IReadOnlyList<TitokRequirement> All { get; } =
        [.. GpuRequirement.All.Select(r => new TitokRequirement(r.Name, r.IsRequired, r.Without))];

    /// <summary>The device extensions to enable: those that the device has and the library has a use for. All are optional.</summary>
    public IReadOnlyList<string> DeviceExtensions => _wishes.Extensions;

    /// <summary>A queue family that suits the library: with compute, and if it may be without graphics; −1 where there is none.</summary>
    public int QueueFamily => _wishes.Device.QueueFamily;

    /// <summary>What the device has and <see cref="Patch"/> enables, with the extensions; for <see cref="TitokHostDevice.EnabledFeatures"/>.</summary>
    public IReadOnlyList<string> Enabled => _wishes.Enabled;

    /// <summary>What the physical device lacks and can't be done without; null if it can serve.</summary>
    public string? WhyUnusable => _wishes.Device.WhyUnusable;

    /// <summary>Asks a physical device of the host's.</summary>
    /// <param name="instance">The VkInstance, of Vulkan 1.2 at least.</param>
    /// <param name="physicalDevice">The VkPhysicalDevice.</param>
    /// <param name="getInstanceProcAddr">vkGetInstanceProcAddr; 0 for that of the system's Vulkan loader.</param>
    /// <param name="profile">What the device is to run.</param>
    /// <param name="except">
    /// Names of <see cref="All"/> that are not to be enabled, though the device has them, such as an extension with which
    /// vkCreateDevice has failed. What belongs to one of them, and is of no use without it, may be enabled all the same.
    /// </param>
    /// <exception cref="ArgumentException">A handle is null, there is no such profile, or a name is not one of something optional.</exception>
    /// <exception cref="NoVulkanLoaderException">getInstanceProcAddr is 0, and the Vulkan loader is not installed.</exception>
    public static TitokRequirements Of(
        nint instance, nint physicalDevice, nint getInstanceProcAddr = 0, TitokProfile profile = TitokProfile.Auto,
        IReadOnlyCollection<string>? except = null)
    {
        if (instance == 0 || physicalDevice == 0)
            throw new ArgumentException("The instance or the physical device is null.");
        EnumValue.Defined(profile, nameof(profile));
        foreach (string name in except ?? [])
            RequireOptional(name, nameof(except));
        if (getInstanceProcAddr == 0)
            getInstanceProcAddr = VulkanFunctions.LoadGetInstanceProcAddr();
        return new TitokRequirements(new GpuWishes(getInstanceProcAddr, instance, physicalDevice, name => profile switch
        {
            TitokProfile.Auto => true,
            TitokProfile.Half => name is "storageBuffer16BitAccess" or "shaderFloat16" or "cooperativeMatrix",
            TitokProfile.Cpu => name is "bufferDeviceAddress" or "shaderInt64",
            _ => false,
        }, except ?? []));
    }

    /// <summary>
    /// Turns the wanted features on in a VkDeviceCreateInfo: in the structures of its pNext chain where they are there,
    /// in pEnabledFeatures, and in structures that it puts in front. Extensions and queues are the host's to fill in.
    /// </summary>
    /// <param name="deviceCreateInfo">Address of the VkDeviceCreateInfo, whose structures are writable.</param>
    /// <exception cref="ArgumentException">It is null, or not a VkDeviceCreateInfo.</exception>
    /// <exception cref="MissingFeatureException">The device lacks what can't be done without; nothing is written.</exception>
    public void Patch(nint deviceCreateInfo)
    {
        if (deviceCreateInfo == 0)
            throw new ArgumentException("The create-info is null.", nameof(deviceCreateInfo));
        if (!GpuWishes.IsDeviceCreateInfo(deviceCreateInfo))
            throw new ArgumentException("This is not a VkDeviceCreateInfo: its sType says otherwise.", nameof(deviceCreateInfo));
        if (GpuRequirement.Unmet(_wishes.Device) is { } unmet)
            throw new MissingFeatureException(unmet.Name, $"The device can't be used: it lacks {unmet.Name}.");
        _wishes.Patch(deviceCreateInfo);
    }

    /// <inheritdoc/>
    public void Dispose() => _wishes.Dispose();

    private static void RequireOptional(string name, string parameter)
    {
        TitokRequirement requirement = All.FirstOrDefault(r => r.Name == name)
            ?? throw new ArgumentException($"There is no requirement '{name}' that could be left out.", parameter);
        if (requirement.IsRequired)
            throw new ArgumentException($"{name} can't be left out: without it {requirement.Without}.", parameter);
    }
}
