using Silk.NET.Vulkan;
using Titok.Vulkan;

namespace Titok.Demo.Graphics;

/// <summary>The demo's own Vulkan device, with one queue that computes, draws and presents.</summary>
internal sealed unsafe class GraphicsDevice : IDisposable
{
    private const string Cuda = "VK_NVX_binary_import";

    private static readonly string[] s_presenting = ["VK_KHR_swapchain"];

    private readonly MemoryTypes _memoryTypes;

    public GraphicsDevice(GraphicsInstance instance, GraphicsAdapter adapter, bool presents)
    {
        (Instance, Adapter) = (instance, adapter);
        Result result = TryCreate(instance, adapter, presents, [], out Device handle, out IReadOnlyList<string> enabled);
        // Where CUDA's part of the driver can't be reached, as in some containers, no device can be made with the extension.
        if (result == Result.ErrorInitializationFailed && enabled.Contains(Cuda))
            result = TryCreate(instance, adapter, presents, [Cuda], out handle, out enabled);
        VulkanCall.Check(result, "Vk.CreateDevice()");
        (Handle, EnabledFeatures) = (handle, enabled);
        Functions = instance.Functions.Of(instance.Handle.Handle, Handle.Handle);
        Vk = new Vk(Functions);
        Queue queue;
        Vk.GetDeviceQueue(Handle, adapter.QueueFamily, 0, &queue);
        Queue = queue;
        PhysicalDeviceMemoryProperties memory;
        Vk.GetPhysicalDeviceMemoryProperties(adapter.Handle, &memory);
        _memoryTypes = new MemoryTypes(memory);
    }

    public GraphicsInstance Instance { get; }

    public GraphicsAdapter Adapter { get; }

    public Device Handle { get; }

    public Vk Vk { get; }

    public VulkanLoader Functions { get; }

    public Queue Queue { get; }

    /// <summary>What the library may use of it.</summary>
    public IReadOnlyList<string> EnabledFeatures { get; }

    /// <summary>Held around every use of the queue, which the library's loading thread uses too.</summary>
    public Lock QueueLock { get; } = new();

    public void WaitIdle()
    {
        lock (QueueLock)
            VulkanCall.Check(Vk.DeviceWaitIdle(Handle));
    }

    /// <summary>Allocates memory of the type that suits best, and has room.</summary>
    public DeviceMemory Allocate(MemoryRequirements requirements, MemoryPropertyFlags required, MemoryPropertyFlags preferred)
    {
        DeviceMemory memory = default;
        VulkanCall.Check(_memoryTypes.Allocate(requirements.MemoryTypeBits, required, preferred, AllocateMemory), "Vk.AllocateMemory()");
        return memory;

        Result AllocateMemory(uint type)
        {
            var info = new MemoryAllocateInfo { SType = StructureType.MemoryAllocateInfo, AllocationSize = requirements.Size, MemoryTypeIndex = type };
            DeviceMemory allocated = default;
            Result result = Vk.AllocateMemory(Handle, &info, null, &allocated);
            memory = allocated;
            return result;
        }
    }

    public ImageView CreateView(Image image, Format format, bool isArray, int layers)
    {
        var info = new ImageViewCreateInfo
        {
            SType = StructureType.ImageViewCreateInfo,
            Image = image,
            ViewType = isArray ? ImageViewType.Type2DArray : ImageViewType.Type2D,
            Format = format,
            SubresourceRange = new ImageSubresourceRange(ImageAspectFlags.ColorBit, 0, 1, 0, (uint)layers),
        };
        ImageView view;
        VulkanCall.Check(Vk.CreateImageView(Handle, &info, null, &view));
        return view;
    }

    public Fence CreateFence(bool signaled)
    {
        var info = new FenceCreateInfo { SType = StructureType.FenceCreateInfo, Flags = signaled ? FenceCreateFlags.SignaledBit : 0 };
        Fence fence;
        VulkanCall.Check(Vk.CreateFence(Handle, &info, null, &fence));
        return fence;
    }

    public Silk.NET.Vulkan.Semaphore CreateSemaphore()
    {
        var info = new SemaphoreCreateInfo { SType = StructureType.SemaphoreCreateInfo };
        Silk.NET.Vulkan.Semaphore semaphore;
        VulkanCall.Check(Vk.CreateSemaphore(Handle, &info, null, &semaphore));
        return semaphore;
    }

    public void Dispose()
    {
        Vk.DestroyDevice(Handle, null);
        Vk.Dispose();
    }

    /// <summary>Makes a device with all that the library can use of it, except for what is named.</summary>
    private static Result TryCreate(
        GraphicsInstance instance, GraphicsAdapter adapter, bool presents, IReadOnlyCollection<string> except, out Device made, out IReadOnlyList<string> enabled)
    {
        using TitokRequirements wanted = TitokRequirements.Of(
            instance.Handle.Handle, adapter.Handle.Handle, instance.Functions.GetInstanceProcAddr, except: except);
        if (wanted.WhyUnusable is { } lacking)
            throw new NoDeviceException($"{adapter.Name} can't be used: {lacking}");
        enabled = wanted.Enabled;
        float priority = 1;
        var queueInfo = new DeviceQueueCreateInfo
        {
            SType = StructureType.DeviceQueueCreateInfo,
            QueueFamilyIndex = adapter.QueueFamily,
            QueueCount = 1,
            PQueuePriorities = &priority,
        };
        using var extensions = new NativeNames([.. wanted.DeviceExtensions, .. presents ? s_presenting : []]);
        var info = new DeviceCreateInfo
        {
            SType = StructureType.DeviceCreateInfo,
            QueueCreateInfoCount = 1,
            PQueueCreateInfos = &queueInfo,
            EnabledExtensionCount = extensions.Count,
            PpEnabledExtensionNames = extensions.Pointers,
        };
        wanted.Patch((nint)(&info));
        Device handle;
        Result result = instance.Vk.CreateDevice(adapter.Handle, &info, null, &handle);
        made = handle;
        return result;
    }
}
