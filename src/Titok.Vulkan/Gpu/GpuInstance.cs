using Microsoft.Extensions.Logging;
using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>A VkInstance of our own, and the physical devices it sees.</summary>
internal sealed unsafe class GpuInstance : IDisposable
{
    public const string ValidationLayer = "VK_LAYER_KHRONOS_validation";

    private readonly bool _hasMessenger;
    private readonly bool _isOwned = true;
    private bool _disposed;

    private GpuInstance(Vk vk, VulkanFunctions functions, Instance handle, ValidationMessages messages, bool hasDebugUtils, bool hasMessenger, GpuInstanceOptions options)
    {
        Vk = vk;
        Functions = functions;
        Handle = handle;
        HasDebugUtils = hasDebugUtils;
        ValidationMessages = messages;
        _hasMessenger = hasMessenger;
        Logger = options.Logger;
        LiveObjects.Add();
        try
        {
            if (hasMessenger)
                messages.Attach(functions, handle);
            PhysicalDevices = PhysicalDeviceQuery.All(vk, handle);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>A host's instance, of which only its one physical device is used.</summary>
    private GpuInstance(GpuHost host, ILogger? logger)
    {
        Functions = new VulkanFunctions(host.GetInstanceProcAddr, host.Instance);
        Vk = new Vk(Functions);
        Handle = new Instance(host.Instance);
        Logger = logger;
        ValidationMessages = new ValidationMessages(null, logger);
        _isOwned = false;
        HasDebugUtils = host.DebugLabels;
        PhysicalDevices = [PhysicalDeviceQuery.OfHost(Vk, host)];
    }

    internal Vk Vk { get; }

    internal VulkanFunctions Functions { get; }

    internal Instance Handle { get; }

    internal ILogger? Logger { get; }

    /// <summary>Counts this instance's Vulkan objects and those of every device made from it.</summary>
    public GpuLiveObjects LiveObjects { get; } = new();

    /// <summary>In the order the loader gives them, which is what a device index means.</summary>
    public IReadOnlyList<GpuPhysicalDevice> PhysicalDevices { get; }

    /// <summary>Whether the validation layer is really on.</summary>
    public bool IsValidating => _hasMessenger;

    /// <summary>Whether objects and commands are named (VK_EXT_debug_utils is on).</summary>
    public bool HasDebugUtils { get; }

    /// <summary>The layers' warnings and errors so far.</summary>
    public ValidationMessages ValidationMessages { get; }

    /// <summary>Makes an instance; with no driver at all it either throws or has no physical devices.</summary>
    /// <exception cref="NoVulkanLoaderException">The loader library is not installed.</exception>
    /// <exception cref="NoDeviceException">The loader finds no driver.</exception>
    /// <exception cref="MissingFeatureException">The loader is older than Vulkan 1.1.</exception>
    public static GpuInstance Create(GpuInstanceOptions? options = null)
    {
        options ??= new GpuInstanceOptions();
        nint getInstanceProcAddr = options.GetInstanceProcAddr != 0 ? options.GetInstanceProcAddr : VulkanFunctions.LoadGetInstanceProcAddr(options.LoaderLibraries);
        var global = new VulkanFunctions(getInstanceProcAddr);
        using var vk = new Vk(global);

        uint version = Vk.Version10;
        if (global.TryGetProcAddress("vkEnumerateInstanceVersion", out _))
            vk.EnumerateInstanceVersion(&version);
        if (version < Vk.Version11)
            throw new MissingFeatureException("VK_VERSION_1_1", "The Vulkan loader is too old (1.0); install a newer libvulkan1.");

        bool validation = (options.Validation || GpuInstanceOptions.ValidationFromEnvironment) && HasLayer(vk);
        HashSet<string> available = Extensions(vk, null);
        if (validation)
            available.UnionWith(Extensions(vk, ValidationLayer));

        var enabled = new List<string>();
        bool Enable(string name)
        {
            if (available.Contains(name))
                enabled.Add(name);
            return available.Contains(name);
        }
        // Names and labels cost a call each, so only someone who is looking gets them.
        bool debugUtils = (validation || Environment.GetEnvironmentVariable("TITOK_LABELS") is "1") && Enable("VK_EXT_debug_utils");
        bool portability = Enable("VK_KHR_portability_enumeration");
        bool validationFeatures = validation && Enable("VK_EXT_validation_features");
        bool messenger = validation && debugUtils;

        var messages = new ValidationMessages(options.OnMessage, options.Logger);
        // A loader of Vulkan 1.1 takes later versions too, and what is asked of devices is 1.2.
        try
        {
            Instance handle = CreateHandle(vk, Math.Clamp(version, Vk.Version12, Vk.Version13), enabled, validation, messenger, validationFeatures, portability, messages);
            var functions = new VulkanFunctions(getInstanceProcAddr, handle.Handle);
            return new GpuInstance(new Vk(functions), functions, handle, messages, debugUtils, messenger, options);
        }
        catch
        {
            messages.Dispose();
            throw;
        }
    }

    /// <summary>Looks at a host's instance, of which nothing will be destroyed.</summary>
    /// <exception cref="MissingFeatureException">A function is missing.</exception>
    public static GpuInstance Adopt(GpuHost host, ILogger? logger) => new(host, logger);

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        if (_isOwned)
        {
            ValidationMessages.Detach(Functions, Handle);
            Vk.DestroyInstance(Handle, null);
            LiveObjects.Remove();
        }
        ValidationMessages.Dispose();
        Vk.Dispose();
    }

    private static Instance CreateHandle(
        Vk vk, uint apiVersion, List<string> extensions, bool validation, bool messenger, bool validationFeatures, bool portability, ValidationMessages messages)
    {
        using var applicationName = new NativeStrings(["titok"]);
        using var layers = new NativeStrings(validation ? [ValidationLayer] : []);
        using var extensionNames = new NativeStrings(extensions);
        var application = new ApplicationInfo
        {
            SType = StructureType.ApplicationInfo,
            PApplicationName = applicationName.Pointers[0],
            PEngineName = applicationName.Pointers[0],
            ApiVersion = apiVersion,
        };
        ValidationFeatureEnableEXT feature = ValidationFeatureEnableEXT.SynchronizationValidationExt;
        var features = new ValidationFeaturesEXT
        {
            SType = StructureType.ValidationFeaturesExt,
            EnabledValidationFeatureCount = 1,
            PEnabledValidationFeatures = &feature,
        };
        DebugUtilsMessengerCreateInfoEXT messengerInfo = default;
        void* next = null;
        if (validationFeatures)
            next = &features;
        if (messenger)
        {
            messengerInfo = messages.CreateInfo();
            messengerInfo.PNext = next;
            next = &messengerInfo;
        }
        var info = new InstanceCreateInfo
        {
            SType = StructureType.InstanceCreateInfo,
            PNext = next,
            Flags = portability ? InstanceCreateFlags.EnumeratePortabilityBitKhr : 0,
            PApplicationInfo = &application,
            EnabledLayerCount = layers.Count,
            PpEnabledLayerNames = layers.Pointers,
            EnabledExtensionCount = extensionNames.Count,
            PpEnabledExtensionNames = extensionNames.Pointers,
        };
        Instance handle;
        VulkanResult.Check(vk.CreateInstance(&info, null, &handle), "vkCreateInstance");
        return handle;
    }

    private static bool HasLayer(Vk vk)
    {
        uint count = 0;
        VulkanResult.Check(vk.EnumerateInstanceLayerProperties(&count, null), "vkEnumerateInstanceLayerProperties");
        var layers = new LayerProperties[count];
        fixed (LayerProperties* first = layers)
        {
            VulkanResult.Check(vk.EnumerateInstanceLayerProperties(&count, first), "vkEnumerateInstanceLayerProperties");
            for (uint i = 0; i < count; i++)
            {
                if (NativeStrings.Read(first[i].LayerName) == ValidationLayer)
                    return true;
            }
        }
        return false;
    }

    private static HashSet<string> Extensions(Vk vk, string? layer)
    {
        using var layerName = new NativeStrings(layer is null ? [] : [layer]);
        byte* name = layer is null ? null : layerName.Pointers[0];
        uint count = 0;
        Result result = vk.EnumerateInstanceExtensionProperties(name, &count, null);
        // Of a manifest that is no JSON, older loaders say the same as where memory is out.
        if (result == Result.ErrorOutOfHostMemory)
            throw new OutOfDeviceMemoryException("The Vulkan loader is out of memory, or can't read a driver's manifest (vkEnumerateInstanceExtensionProperties).", 0, 0);
        VulkanResult.Check(result, "vkEnumerateInstanceExtensionProperties");
        var properties = new ExtensionProperties[count];
        var names = new HashSet<string>();
        fixed (ExtensionProperties* first = properties)
        {
            VulkanResult.Check(vk.EnumerateInstanceExtensionProperties(name, &count, first), "vkEnumerateInstanceExtensionProperties");
            for (uint i = 0; i < count; i++)
                names.Add(NativeStrings.Read(first[i].ExtensionName));
        }
        return names;
    }
}
