using Silk.NET.Vulkan;
using Titok.Vulkan;

namespace Titok.EmbedSample;

/// <summary>A host's own Vulkan: an instance, a device with what the library wants enabled, and frames drawn offscreen.</summary>
internal sealed unsafe class Renderer : IDisposable
{
    /// <summary>With Vulkan 1.3 more kernels are at hand; a loader of 1.2 takes it too.</summary>
    private static readonly uint s_apiVersion = Vk.Version13;

    private readonly CommandPool _pool;
    private readonly Fence _fence;

    public Renderer()
    {
        var application = new ApplicationInfo { SType = StructureType.ApplicationInfo, ApiVersion = s_apiVersion };
        var instanceInfo = new InstanceCreateInfo { SType = StructureType.InstanceCreateInfo, PApplicationInfo = &application };
        Instance instance;
        Check(Vk.CreateInstance(&instanceInfo, null, &instance));
        Instance = instance;
        uint count = 1;
        PhysicalDevice physical;
        // The first will do here; Incomplete says that there are more.
        if (Vk.EnumeratePhysicalDevices(instance, &count, &physical) is not (Result.Success or Result.Incomplete) || count == 0)
            throw new InvalidOperationException("There is no Vulkan device.");
        Physical = physical;
        Family = DrawingFamily();

        const string cuda = "VK_NVX_binary_import";
        Result result = TryCreateDevice([], out Device device, out IReadOnlyList<string> enabled);
        // In a container whose CUDA can't be reached no device is made with the extension.
        if (result == Result.ErrorInitializationFailed && enabled.Contains(cuda))
            result = TryCreateDevice([cuda], out device, out enabled);
        Check(result);
        (Device, Enabled) = (device, enabled);
        Queue queue;
        Vk.GetDeviceQueue(device, Family, 0, &queue);
        Queue = queue;

        var poolInfo = new CommandPoolCreateInfo { SType = StructureType.CommandPoolCreateInfo, QueueFamilyIndex = Family, Flags = CommandPoolCreateFlags.ResetCommandBufferBit };
        CommandPool pool;
        Check(Vk.CreateCommandPool(device, &poolInfo, null, &pool));
        _pool = pool;
        var allocate = new CommandBufferAllocateInfo { SType = StructureType.CommandBufferAllocateInfo, CommandPool = pool, CommandBufferCount = 1 };
        CommandBuffer commands;
        Check(Vk.AllocateCommandBuffers(device, &allocate, &commands));
        Commands = commands;
        var fenceInfo = new FenceCreateInfo { SType = StructureType.FenceCreateInfo };
        Fence fence;
        Check(Vk.CreateFence(device, &fenceInfo, null, &fence));
        _fence = fence;
    }

    public Vk Vk { get; } = Vk.GetApi();

    public Instance Instance { get; }

    public PhysicalDevice Physical { get; }

    public Device Device { get; }

    public Queue Queue { get; }

    public uint Family { get; }

    public CommandBuffer Commands { get; }

    private IReadOnlyList<string> Enabled { get; }

    /// <summary>What the library is lent.</summary>
    public TitokHostDevice Lend() => new()
    {
        Instance = Instance.Handle,
        PhysicalDevice = Physical.Handle,
        Device = Device.Handle,
        Queue = Queue.Handle,
        QueueFamily = (int)Family,
        ApiVersion = s_apiVersion,
        EnabledFeatures = Enabled,
    };

    /// <summary>Records commands, submits them, and waits for them. A real renderer has several frames on the way.</summary>
    public void Frame(Action<CommandBuffer> record)
    {
        var begin = new CommandBufferBeginInfo { SType = StructureType.CommandBufferBeginInfo, Flags = CommandBufferUsageFlags.OneTimeSubmitBit };
        Check(Vk.BeginCommandBuffer(Commands, &begin));
        record(Commands);
        Check(Vk.EndCommandBuffer(Commands));
        CommandBuffer commands = Commands;
        Fence fence = _fence;
        var submit = new SubmitInfo { SType = StructureType.SubmitInfo, CommandBufferCount = 1, PCommandBuffers = &commands };
        Check(Vk.QueueSubmit(Queue, 1, &submit, fence));
        Check(Vk.WaitForFences(Device, 1, &fence, true, ulong.MaxValue));
        Check(Vk.ResetFences(Device, 1, &fence));
    }

    public DeviceMemory Allocate(MemoryRequirements requirements, MemoryPropertyFlags flags)
    {
        PhysicalDeviceMemoryProperties properties;
        Vk.GetPhysicalDeviceMemoryProperties(Physical, &properties);
        int type = 0;
        while ((requirements.MemoryTypeBits >> type & 1) == 0 || (properties.MemoryTypes[type].PropertyFlags & flags) != flags)
            type++;
        var info = new MemoryAllocateInfo { SType = StructureType.MemoryAllocateInfo, AllocationSize = requirements.Size, MemoryTypeIndex = (uint)type };
        DeviceMemory memory;
        Check(Vk.AllocateMemory(Device, &info, null, &memory));
        return memory;
    }

    /// <summary>Fills an image that nothing was drawn into yet with a dark ground, and makes it one to sample.</summary>
    public void Clear(CommandBuffer commands, Image image)
    {
        Change(commands, image, ImageLayout.Undefined, ImageLayout.TransferDstOptimal);
        var dark = new ClearColorValue(0.1f, 0.1f, 0.1f, 1);
        var all = new ImageSubresourceRange(ImageAspectFlags.ColorBit, 0, 1, 0, 1);
        Vk.CmdClearColorImage(commands, image, ImageLayout.TransferDstOptimal, &dark, 1, &all);
        Change(commands, image, ImageLayout.TransferDstOptimal, ImageLayout.ShaderReadOnlyOptimal);
    }

    /// <summary>Brings an image from one layout to another, for all that comes after all that came before.</summary>
    public void Change(CommandBuffer commands, Image image, ImageLayout from, ImageLayout to)
    {
        var barrier = new ImageMemoryBarrier
        {
            SType = StructureType.ImageMemoryBarrier,
            SrcAccessMask = AccessFlags.MemoryWriteBit,
            DstAccessMask = AccessFlags.MemoryReadBit | AccessFlags.MemoryWriteBit,
            OldLayout = from,
            NewLayout = to,
            SrcQueueFamilyIndex = Vk.QueueFamilyIgnored,
            DstQueueFamilyIndex = Vk.QueueFamilyIgnored,
            Image = image,
            SubresourceRange = new ImageSubresourceRange(ImageAspectFlags.ColorBit, 0, 1, 0, 1),
        };
        Vk.CmdPipelineBarrier(commands, PipelineStageFlags.AllCommandsBit, PipelineStageFlags.AllCommandsBit, 0, 0, null, 0, null, 1, &barrier);
    }

    public void Dispose()
    {
        Vk.DestroyFence(Device, _fence, null);
        Vk.DestroyCommandPool(Device, _pool, null);
        Vk.DestroyDevice(Device, null);
        Vk.DestroyInstance(Instance, null);
        Vk.Dispose();
    }

    public static void Check(Result result)
    {
        if (result != Result.Success)
            throw new InvalidOperationException($"A Vulkan call failed: {result}.");
    }

    /// <summary>A device with all that the library wants but this.</summary>
    private Result TryCreateDevice(IReadOnlyCollection<string> except, out Device made, out IReadOnlyList<string> enabled)
    {
        using TitokRequirements wanted = TitokRequirements.Of(Instance.Handle, Physical.Handle, except: except);
        enabled = wanted.Enabled;
        float priority = 1;
        var queueInfo = new DeviceQueueCreateInfo { SType = StructureType.DeviceQueueCreateInfo, QueueFamilyIndex = Family, QueueCount = 1, PQueuePriorities = &priority };
        byte** extensions = (byte**)Silk.NET.Core.Native.SilkMarshal.StringArrayToPtr(wanted.DeviceExtensions.ToArray());
        var info = new DeviceCreateInfo
        {
            SType = StructureType.DeviceCreateInfo,
            QueueCreateInfoCount = 1,
            PQueueCreateInfos = &queueInfo,
            EnabledExtensionCount = (uint)wanted.DeviceExtensions.Count,
            PpEnabledExtensionNames = extensions,
        };
        wanted.Patch((nint)(&info));
        Device device;
        Result result = Vk.CreateDevice(Physical, &info, null, &device);
        Silk.NET.Core.Native.SilkMarshal.Free((nint)extensions);
        made = device;
        return result;
    }

    private uint DrawingFamily()
    {
        uint count = 16;
        var families = stackalloc QueueFamilyProperties[16];
        Vk.GetPhysicalDeviceQueueFamilyProperties(Physical, &count, families);
        const QueueFlags wanted = QueueFlags.GraphicsBit | QueueFlags.ComputeBit;
        for (uint family = 0; family < count; family++)
        {
            if ((families[family].QueueFlags & wanted) == wanted)
                return family;
        }
        throw new InvalidOperationException("There is no queue that draws and computes.");
    }
}
