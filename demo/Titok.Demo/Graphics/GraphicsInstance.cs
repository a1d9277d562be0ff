using Silk.NET.Vulkan;

namespace Titok.Demo.Graphics;

/// <summary>The demo's own Vulkan instance, as a host of the library has one.</summary>
internal sealed unsafe class GraphicsInstance : IDisposable
{
    private readonly ValidationWatch? _watch;
    private readonly DebugUtilsMessengerEXT _messenger;

    /// <param name="extensions">Those that the window's surface and the library want.</param>
    /// <param name="loader">Where Vulkan's functions are; null for the system's loader.</param>
    public GraphicsInstance(IReadOnlyList<string> extensions, VulkanLoader? loader = null)
    {
        loader ??= new VulkanLoader();
        using var global = new Vk(loader);
        bool watched = ValidationWatch.IsWanted && HasLayer(global, ValidationWatch.Layer);
        HashSet<string> available = Extensions(global, null);
        if (watched)
            available.UnionWith(Extensions(global, ValidationWatch.Layer));
        var enabled = new List<string>(extensions.Where(available.Contains).Distinct());
        if (watched)
        {
            _watch = new ValidationWatch();
            enabled.AddRange([ValidationWatch.DebugUtils, "VK_EXT_validation_features"]);
        }
        bool portability = available.Contains("VK_KHR_portability_enumeration");
        if (portability)
            enabled.Add("VK_KHR_portability_enumeration");
        EnabledExtensions = [.. enabled.Distinct()];
        ApiVersion = VersionFor(loader, global);

        try
        {
            Handle = Create(global, portability);
        }
        catch
        {
            _watch?.Dispose();
            throw;
        }
        Functions = loader.Of(Handle.Handle);
        Vk = new Vk(Functions);
        try
        {
            if (_watch is not null)
                _messenger = _watch.Attach(Functions, Handle);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public Instance Handle { get; }

    public Vk Vk { get; }

    public VulkanLoader Functions { get; }

    public IReadOnlyList<string> EnabledExtensions { get; }

    /// <summary>The version that it was made with. The window itself needs no more than Vulkan 1.2.</summary>
    public uint ApiVersion { get; }

    /// <summary>Messages of the validation layers; null where nobody watches.</summary>
    public int? ValidationMessages => _watch?.Count;

    /// <summary>The devices, in the order that titok devices lists them.</summary>
    public PhysicalDevice[] PhysicalDevices()
    {
        uint count = 0;
        VulkanCall.Check(Vk.EnumeratePhysicalDevices(Handle, &count, null));
        var devices = new PhysicalDevice[count];
        fixed (PhysicalDevice* first = devices)
            VulkanCall.Check(Vk.EnumeratePhysicalDevices(Handle, &count, first));
        return devices;
    }

    public void Dispose()
    {
        if (_watch is not null)
            ValidationWatch.Detach(Functions, Handle, _messenger);
        Vk.DestroyInstance(Handle, null);
        _watch?.Dispose();
        Vk.Dispose();
    }

    private Instance Create(Vk vk, bool portability)
    {
        using var names = new NativeNames(["titok demo"]);
        using var layers = new NativeNames(_watch is null ? [] : [ValidationWatch.Layer]);
        using var extensions = new NativeNames(EnabledExtensions);
        var application = new ApplicationInfo
        {
            SType = StructureType.ApplicationInfo,
            PApplicationName = names.Pointers[0],
            ApiVersion = ApiVersion,
        };
        ValidationFeatureEnableEXT synchronization = ValidationFeatureEnableEXT.SynchronizationValidationExt;
        var features = new ValidationFeaturesEXT
        {
            SType = StructureType.ValidationFeaturesExt,
            EnabledValidationFeatureCount = 1,
            PEnabledValidationFeatures = &synchronization,
        };
        DebugUtilsMessengerCreateInfoEXT messenger = default;
        if (_watch is not null)
        {
            messenger = _watch.CreateInfo();
            messenger.PNext = &features;
        }
        var info = new InstanceCreateInfo
        {
            SType = StructureType.InstanceCreateInfo,
            PNext = _watch is null ? null : &messenger,
            Flags = portability ? InstanceCreateFlags.EnumeratePortabilityBitKhr : 0,
            PApplicationInfo = &application,
            EnabledLayerCount = layers.Count,
            PpEnabledLayerNames = layers.Pointers,
            EnabledExtensionCount = extensions.Count,
            PpEnabledExtensionNames = extensions.Pointers,
        };
        Instance handle;
        VulkanCall.Check(vk.CreateInstance(&info, null, &handle));
        return handle;
    }

    /// <summary>Vulkan 1.3 where the loader has it, as some of the library's kernels want it.</summary>
    private static uint VersionFor(VulkanLoader loader, Vk vk)
    {
        uint newest = Vk.Version10;
        // Loaders of Vulkan 1.0 do not have it.
        if (loader.TryGetProcAddress("vkEnumerateInstanceVersion", out _))
            VulkanCall.Check(vk.EnumerateInstanceVersion(&newest));
        return newest >= Vk.Version13 ? Vk.Version13 : Vk.Version12;
    }

    private static bool HasLayer(Vk vk, string wanted)
    {
        uint count = 0;
        VulkanCall.Check(vk.EnumerateInstanceLayerProperties(&count, null));
        var layers = new LayerProperties[count];
        fixed (LayerProperties* first = layers)
        {
            VulkanCall.Check(vk.EnumerateInstanceLayerProperties(&count, first));
            for (uint i = 0; i < count; i++)
            {
                if (NativeNames.Read(first[i].LayerName) == wanted)
                    return true;
            }
        }
        return false;
    }

    private static HashSet<string> Extensions(Vk vk, string? layer)
    {
        using var layerName = new NativeNames(layer is null ? [] : [layer]);
        byte* name = layerName.Pointers[0];
        uint count = 0;
        VulkanCall.Check(vk.EnumerateInstanceExtensionProperties(name, &count, null));
        var properties = new ExtensionProperties[count];
        var names = new HashSet<string>();
        fixed (ExtensionProperties* first = properties)
        {
            VulkanCall.Check(vk.EnumerateInstanceExtensionProperties(name, &count, first));
            for (uint i = 0; i < count; i++)
                names.Add(NativeNames.Read(first[i].ExtensionName));
        }
        return names;
    }
}
