using Silk.NET.Vulkan;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Tests.Gpu;

namespace Titok.Vulkan.Tests.Embedding;

/// <summary>A program with a Vulkan device of its own, as a renderer would have: instance, device, queue, command buffers.</summary>
internal sealed unsafe class TestHost : IDisposable
{
    private readonly CommandPool _pool;
    private readonly CommandBuffer[] _commands = new CommandBuffer[4];

    public TestHost(TitokProfile profile = TitokProfile.Auto, Func<GpuInstance>? instance = null)
    {
        Instance = (instance ?? GpuFixture.NewInstance)();
        GpuPhysicalDevice physical = DeviceSelection.Choose(Instance.PhysicalDevices, Environment.GetEnvironmentVariable("TITOK_DEVICE"));
        Physical = physical.Handle;
        using TitokRequirements wanted = TitokRequirements.Of(Instance.Handle.Handle, Physical.Handle, Instance.Functions.GetInstanceProcAddrPointer, profile);
        Family = (uint)wanted.QueueFamily;
        Enabled = wanted.Enabled;
        using var extensions = new NativeStrings(wanted.DeviceExtensions.ToArray());
        float priority = 1;
        var queue = new DeviceQueueCreateInfo { SType = StructureType.DeviceQueueCreateInfo, QueueFamilyIndex = Family, QueueCount = 1, PQueuePriorities = &priority };
        // A renderer has features of its own in the chain.
        var vulkan12 = new PhysicalDeviceVulkan12Features { SType = StructureType.PhysicalDeviceVulkan12Features };
        var info = new DeviceCreateInfo
        {
            SType = StructureType.DeviceCreateInfo,
            PNext = &vulkan12,
            QueueCreateInfoCount = 1,
            PQueueCreateInfos = &queue,
            EnabledExtensionCount = extensions.Count,
            PpEnabledExtensionNames = extensions.Pointers,
        };
        wanted.Patch((nint)(&info));
        Device device;
        Check(Instance.Vk.CreateDevice(Physical, &info, null, &device));
        Device = device;
        Vk = new Vk(new VulkanFunctions(Instance.Functions.GetInstanceProcAddrPointer, Instance.Handle.Handle, device.Handle));
        Queue handle;
        Vk.GetDeviceQueue(device, Family, 0, &handle);
        Queue = handle;
        var poolInfo = new CommandPoolCreateInfo { SType = StructureType.CommandPoolCreateInfo, QueueFamilyIndex = Family, Flags = CommandPoolCreateFlags.ResetCommandBufferBit };
        CommandPool pool;
        Check(Vk.CreateCommandPool(device, &poolInfo, null, &pool));
        _pool = pool;
        var allocate = new CommandBufferAllocateInfo { SType = StructureType.CommandBufferAllocateInfo, CommandPool = pool, Level = CommandBufferLevel.Primary, CommandBufferCount = (uint)_commands.Length };
        fixed (CommandBuffer* first = _commands)
            Check(Vk.AllocateCommandBuffers(device, &allocate, first));
    }

    public GpuInstance Instance { get; }

    public PhysicalDevice Physical { get; }

    public Device Device { get; }

    public Queue Queue { get; }

    public uint Family { get; }

    public Vk Vk { get; }

    public IReadOnlyList<string> Enabled { get; }

    public TitokHostDevice Lend() => new()
    {
        Instance = Instance.Handle.Handle,
        PhysicalDevice = Physical.Handle,
        Device = Device.Handle,
        Queue = Queue.Handle,
        QueueFamily = (int)Family,
        GetInstanceProcAddr = Instance.Functions.GetInstanceProcAddrPointer,
        EnabledFeatures = Enabled,
        ApiVersion = Vk.Version12,
    };

    /// <summary>Has one of the frames' command buffers recorded, submits it, and waits for it unless told.</summary>
    public void Frame(Action<CommandBuffer> record, int frame = 0, bool wait = true)
    {
        CommandBuffer commands = _commands[frame];
        var begin = new CommandBufferBeginInfo { SType = StructureType.CommandBufferBeginInfo, Flags = CommandBufferUsageFlags.OneTimeSubmitBit };
        Check(Vk.BeginCommandBuffer(commands, &begin));
        record(commands);
        Check(Vk.EndCommandBuffer(commands));
        var submit = new SubmitInfo { SType = StructureType.SubmitInfo, CommandBufferCount = 1, PCommandBuffers = &commands };
        Check(Vk.QueueSubmit(Queue, 1, &submit, default));
        if (wait)
            Check(Vk.QueueWaitIdle(Queue));
    }

    /// <summary>Records a frame that is never submitted.</summary>
    public void ThrowAwayFrame(Action<CommandBuffer> record)
    {
        CommandBuffer commands = _commands[0];
        var begin = new CommandBufferBeginInfo { SType = StructureType.CommandBufferBeginInfo };
        Check(Vk.BeginCommandBuffer(commands, &begin));
        record(commands);
        Check(Vk.EndCommandBuffer(commands));
        Check(Vk.ResetCommandBuffer(commands, 0));
    }

    public TestHostImage CreateImage(int size, Format format, int layers = 1) => new(this, size, format, layers);

    public TestHostBuffer CreateBuffer(long sizeInBytes) => new(this, sizeInBytes);

    public void AssertNoMessages() => GpuFixture.AssertNoMessages(Instance);

    public void Dispose()
    {
        Vk.DeviceWaitIdle(Device);
        Vk.DestroyCommandPool(Device, _pool, null);
        Vk.DestroyDevice(Device, null);
        Vk.Dispose();
        Instance.Dispose();
    }

    public DeviceMemory Allocate(MemoryRequirements requirements, MemoryPropertyFlags flags)
    {
        PhysicalDeviceMemoryProperties properties;
        Instance.Vk.GetPhysicalDeviceMemoryProperties(Physical, &properties);
        for (int type = 0; type < properties.MemoryTypeCount; type++)
        {
            if ((requirements.MemoryTypeBits >> type & 1) == 0 || (properties.MemoryTypes[type].PropertyFlags & flags) != flags)
                continue;
            var info = new MemoryAllocateInfo { SType = StructureType.MemoryAllocateInfo, AllocationSize = requirements.Size, MemoryTypeIndex = (uint)type };
            DeviceMemory memory;
            Check(Vk.AllocateMemory(Device, &info, null, &memory));
            return memory;
        }
        throw new InvalidOperationException("no such memory type");
    }

    public static void Check(Result result) => Assert.Equal(Result.Success, result);
}

/// <summary>A texture of the host's.</summary>
internal sealed unsafe class TestHostImage : IDisposable
{
    private readonly TestHost _host;
    private readonly DeviceMemory _memory;
    private readonly int _size, _layers, _bytesPerPixel;

    public TestHostImage(TestHost host, int size, Format format, int layers)
    {
        (_host, _size, _layers, _bytesPerPixel) = (host, size, layers, format == Format.R16G16B16A16Sfloat ? 8 : 4);
        var info = new ImageCreateInfo
        {
            SType = StructureType.ImageCreateInfo,
            ImageType = ImageType.Type2D,
            Format = format,
            Extent = new Extent3D((uint)size, (uint)size, 1),
            MipLevels = 1,
            ArrayLayers = (uint)layers,
            Samples = SampleCountFlags.Count1Bit,
            Tiling = ImageTiling.Optimal,
            Usage = ImageUsageFlags.TransferDstBit | ImageUsageFlags.TransferSrcBit | ImageUsageFlags.SampledBit,
        };
        Image image;
        TestHost.Check(host.Vk.CreateImage(host.Device, &info, null, &image));
        Image = image;
        MemoryRequirements requirements;
        host.Vk.GetImageMemoryRequirements(host.Device, image, &requirements);
        _memory = host.Allocate(requirements, MemoryPropertyFlags.DeviceLocalBit);
        TestHost.Check(host.Vk.BindImageMemory(host.Device, image, _memory, 0));
    }

    public Image Image { get; }

    /// <summary>The image's bytes, layer by layer; it is in this layout, and stays there.</summary>
    public byte[] Read(ImageLayout layout)
    {
        int layerSize = _size * _size * _bytesPerPixel;
        using TestHostBuffer buffer = _host.CreateBuffer((long)layerSize * _layers);
        _host.Frame(commands =>
        {
            Change(commands, layout, ImageLayout.TransferSrcOptimal);
            var region = new BufferImageCopy
            {
                ImageSubresource = new ImageSubresourceLayers(ImageAspectFlags.ColorBit, 0, 0, (uint)_layers),
                ImageExtent = new Extent3D((uint)_size, (uint)_size, 1),
            };
            _host.Vk.CmdCopyImageToBuffer(commands, Image, ImageLayout.TransferSrcOptimal, buffer.Buffer, 1, &region);
            Change(commands, ImageLayout.TransferSrcOptimal, layout);
        });
        return buffer.Read();
    }

    /// <summary>Fills the image, layer by layer, and leaves it in a layout.</summary>
    public void Write(byte[] pixels, ImageLayout layout)
    {
        using TestHostBuffer buffer = _host.CreateBuffer(pixels.Length);
        buffer.Write(pixels);
        _host.Frame(commands =>
        {
            Change(commands, ImageLayout.Undefined, ImageLayout.TransferDstOptimal);
            var region = new BufferImageCopy
            {
                ImageSubresource = new ImageSubresourceLayers(ImageAspectFlags.ColorBit, 0, 0, (uint)_layers),
                ImageExtent = new Extent3D((uint)_size, (uint)_size, 1),
            };
            _host.Vk.CmdCopyBufferToImage(commands, buffer.Buffer, Image, ImageLayout.TransferDstOptimal, 1, &region);
            Change(commands, ImageLayout.TransferDstOptimal, layout);
        });
    }

    public void Change(CommandBuffer commands, ImageLayout from, ImageLayout to)
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
            Image = Image,
            SubresourceRange = new ImageSubresourceRange(ImageAspectFlags.ColorBit, 0, 1, 0, (uint)_layers),
        };
        _host.Vk.CmdPipelineBarrier(commands, PipelineStageFlags.AllCommandsBit, PipelineStageFlags.AllCommandsBit, 0, 0, null, 0, null, 1, &barrier);
    }

    public void Dispose()
    {
        _host.Vk.DestroyImage(_host.Device, Image, null);
        _host.Vk.FreeMemory(_host.Device, _memory, null);
    }
}

/// <summary>A buffer of the host's that the CPU can read and write.</summary>
internal sealed unsafe class TestHostBuffer : IDisposable
{
    private readonly TestHost _host;
    private readonly DeviceMemory _memory;
    private readonly long _sizeInBytes;

    public TestHostBuffer(TestHost host, long sizeInBytes)
    {
        (_host, _sizeInBytes) = (host, sizeInBytes);
        var info = new BufferCreateInfo { SType = StructureType.BufferCreateInfo, Size = (ulong)sizeInBytes, Usage = BufferUsageFlags.TransferDstBit | BufferUsageFlags.TransferSrcBit };
        Silk.NET.Vulkan.Buffer buffer;
        TestHost.Check(host.Vk.CreateBuffer(host.Device, &info, null, &buffer));
        Buffer = buffer;
        MemoryRequirements requirements;
        host.Vk.GetBufferMemoryRequirements(host.Device, buffer, &requirements);
        _memory = host.Allocate(requirements, MemoryPropertyFlags.HostVisibleBit | MemoryPropertyFlags.HostCoherentBit);
        TestHost.Check(host.Vk.BindBufferMemory(host.Device, buffer, _memory, 0));
    }

    public Silk.NET.Vulkan.Buffer Buffer { get; }

    public byte[] Read()
    {
        byte[] bytes = Map().ToArray();
        _host.Vk.UnmapMemory(_host.Device, _memory);
        return bytes;
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Map());
        _host.Vk.UnmapMemory(_host.Device, _memory);
    }

    private Span<byte> Map()
    {
        void* mapped;
        TestHost.Check(_host.Vk.MapMemory(_host.Device, _memory, 0, Vk.WholeSize, 0, &mapped));
        return new Span<byte>(mapped, (int)_sizeInBytes);
    }

    public void Dispose()
    {
        _host.Vk.DestroyBuffer(_host.Device, Buffer, null);
        _host.Vk.FreeMemory(_host.Device, _memory, null);
    }
}
