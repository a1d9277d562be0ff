using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>Reads what an instance's physical devices are and can do.</summary>
internal static unsafe class PhysicalDeviceQuery
{
    public static IReadOnlyList<GpuPhysicalDevice> All(Vk vk, Instance instance)
    {
        uint count = 0;
        Result result = vk.EnumeratePhysicalDevices(instance, &count, null);
        // Loaders differ in what they say when every driver fails to start.
        if (result is Result.ErrorInitializationFailed or Result.ErrorIncompatibleDriver)
            return [];
        VulkanResult.Check(result, "vkEnumeratePhysicalDevices");
        if (count == 0)
            return [];
        var handles = new PhysicalDevice[count];
        fixed (PhysicalDevice* first = handles)
            VulkanResult.Check(vk.EnumeratePhysicalDevices(instance, &count, first), "vkEnumeratePhysicalDevices");
        // As many as there are by now: one may have gone since they were counted.
        return [.. handles.Take((int)count).Select((handle, index) => Describe(vk, handle, index))];
    }

    /// <summary>Describes one device; also the way in for a device that a host has chosen.</summary>
    public static GpuPhysicalDevice Describe(Vk vk, PhysicalDevice handle, int index)
    {
        PhysicalDeviceProperties basic;
        vk.GetPhysicalDeviceProperties(handle, &basic);
        if (basic.ApiVersion < Vk.Version12)
        {
            GpuPhysicalDevice old = TooOld(handle, index, basic);
            return old with { WhyUnusable = GpuRequirement.WhyUnusable(old) };
        }

        HashSet<string> extensions = Extensions(vk, handle);
        var bus = new PhysicalDevicePCIBusInfoPropertiesEXT { SType = StructureType.PhysicalDevicePciBusInfoPropertiesExt };
        bool hasBus = extensions.Contains("VK_EXT_pci_bus_info");
        var maintenance = new PhysicalDeviceMaintenance3Properties { SType = StructureType.PhysicalDeviceMaintenance3Properties, PNext = hasBus ? &bus : null };
        var subgroup = new PhysicalDeviceSubgroupProperties { SType = StructureType.PhysicalDeviceSubgroupProperties, PNext = &maintenance };
        var id = new PhysicalDeviceIDProperties { SType = StructureType.PhysicalDeviceIDProperties, PNext = &subgroup };
        var driver = new PhysicalDeviceDriverProperties { SType = StructureType.PhysicalDeviceDriverProperties, PNext = &id };
        var properties = new PhysicalDeviceProperties2 { SType = StructureType.PhysicalDeviceProperties2, PNext = &driver };
        vk.GetPhysicalDeviceProperties2(handle, &properties);

        var vulkan12 = new PhysicalDeviceVulkan12Features { SType = StructureType.PhysicalDeviceVulkan12Features };
        var vulkan11 = new PhysicalDeviceVulkan11Features { SType = StructureType.PhysicalDeviceVulkan11Features, PNext = &vulkan12 };
        var features = new PhysicalDeviceFeatures2 { SType = StructureType.PhysicalDeviceFeatures2, PNext = &vulkan11 };
        vk.GetPhysicalDeviceFeatures2(handle, &features);

        // The model for cooperative matrices; and its device scope, as where the model is enabled other shaders' atomics need that too.
        GpuMatrixFragment? fragment = vulkan12.VulkanMemoryModel && vulkan12.VulkanMemoryModelDeviceScope && vulkan12.ShaderFloat16 && vulkan11.StorageBuffer16BitAccess
            ? CooperativeMatrixQuery.LargestFragment(vk, handle, extensions)
            : null;
        bool reductions = fragment is not null && basic.ApiVersion >= Vk.Version13 && CooperativeMatrix2Query.HasReductions(vk, handle, extensions);
        (int family, int timestampBits) = ComputeFamily(vk, handle);
        const SubgroupFeatureFlags wanted = SubgroupFeatureFlags.BasicBit | SubgroupFeatureFlags.BallotBit | SubgroupFeatureFlags.ArithmeticBit;
        var device = new GpuPhysicalDevice
        {
            Index = index,
            Handle = handle,
            Name = NativeStrings.Read(properties.Properties.DeviceName),
            Driver = $"{NativeStrings.Read(driver.DriverName)} {NativeStrings.Read(driver.DriverInfo)}".Trim(),
            Type = TypeOf(basic.DeviceType),
            ApiVersion = basic.ApiVersion,
            VendorId = basic.VendorID,
            DeviceId = basic.DeviceID,
            DriverVersion = basic.DriverVersion,
            Uuid = new ReadOnlySpan<byte>(id.DeviceUuid, 16).ToArray(),
            Luid = id.DeviceLuidvalid ? new ReadOnlySpan<byte>(id.DeviceLuid, 8).ToArray() : [],
            PciAddress = hasBus ? $"{bus.PciDomain:x4}:{bus.PciBus:x2}:{bus.PciDevice:x2}.{bus.PciFunction:x}" : "",
            DriverUuid = new ReadOnlySpan<byte>(id.DriverUuid, 16).ToArray(),
            PipelineCacheUuid = new ReadOnlySpan<byte>(basic.PipelineCacheUuid, 16).ToArray(),
            Limits = Limits(vk, handle, basic.Limits) with
            {
                MaxMemoryAllocationSizeInBytes = (long)Math.Min(maintenance.MaxMemoryAllocationSize, long.MaxValue),
                SubgroupSize = (int)subgroup.SubgroupSize,
                Processors = ProcessorQuery.Count(vk, handle, extensions),
            },
            Features = new GpuFeatures
            {
                TimelineSemaphore = vulkan12.TimelineSemaphore,
                Storage16Bit = vulkan11.StorageBuffer16BitAccess,
                Float16 = vulkan12.ShaderFloat16,
                BufferDeviceAddress = vulkan12.BufferDeviceAddress,
                Int64 = features.Features.ShaderInt64,
                MemoryBudget = extensions.Contains("VK_EXT_memory_budget"),
                CooperativeMatrixKhr = fragment is not null,
                MatrixReductions = reductions,
                BinaryImport = extensions.Contains(BinaryImport.Extension) && vulkan12.BufferDeviceAddress && BinaryImport.Takes(basic.VendorID, basic.DeviceID),
                SubgroupOperations = subgroup.SupportedStages.HasFlag(ShaderStageFlags.ComputeBit)
                    && (subgroup.SupportedOperations & wanted) == wanted,
                SubgroupSizeControl = extensions.Contains(SubgroupSizeQuery.Extension)
                    && SubgroupSizeQuery.MayBeRequired(vk, handle, (int)subgroup.SubgroupSize),
            },
            MatrixFragment = fragment,
            Extensions = extensions,
            QueueFamily = family,
            TimestampBits = timestampBits,
        };
        return device with { WhyUnusable = GpuRequirement.WhyUnusable(device) };
    }

    /// <summary>A host's device: with what the host has enabled of it, and on the queue that the host lends.</summary>
    public static GpuPhysicalDevice OfHost(Vk vk, GpuHost host)
    {
        GpuPhysicalDevice device = Describe(vk, new PhysicalDevice(host.PhysicalDevice), IndexOf(vk, host));
        QueueFamilyProperties[] families = [.. Families(vk, device.Handle)];
        if (host.QueueFamily >= families.Length)
            throw new ArgumentException($"The queue family is {host.QueueFamily}, and the device has families 0 to {families.Length - 1}.");
        QueueFamilyProperties family = families[host.QueueFamily];
        device = device with
        {
            ApiVersion = Math.Min(device.ApiVersion, host.ApiVersion),
            Features = device.Features with { MatrixReductions = device.Features.MatrixReductions && host.ApiVersion >= Vk.Version13 },
            QueueFamily = family.QueueFlags.HasFlag(QueueFlags.ComputeBit) ? (int)host.QueueFamily : -1,
            TimestampBits = (int)family.TimestampValidBits,
        };
        return Only(device, host.Enabled.Contains);
    }

    /// <summary>A device with no more of its features and extensions than these, by their Vulkan names.</summary>
    public static GpuPhysicalDevice Only(GpuPhysicalDevice device, Func<string, bool> on)
    {
        GpuFeatures has = device.Features;
        bool reductions = on(CooperativeMatrix2Query.Extension) && CooperativeMatrix2Query.ReductionFeatures.All(on);
        device = device with
        {
            Extensions = new HashSet<string>(device.Extensions.Where(on)),
            Features = has with
            {
                TimelineSemaphore = has.TimelineSemaphore && on("timelineSemaphore"),
                Storage16Bit = has.Storage16Bit && on("storageBuffer16BitAccess"),
                Float16 = has.Float16 && on("shaderFloat16"),
                BufferDeviceAddress = has.BufferDeviceAddress && on("bufferDeviceAddress"),
                Int64 = has.Int64 && on("shaderInt64"),
                MemoryBudget = has.MemoryBudget && on("VK_EXT_memory_budget"),
                CooperativeMatrixKhr = has.CooperativeMatrixKhr && on(CooperativeMatrixQuery.Extension) && on("cooperativeMatrix")
                    && on("vulkanMemoryModel") && on("vulkanMemoryModelDeviceScope"),
                MatrixReductions = has.MatrixReductions && reductions,
                BinaryImport = has.BinaryImport && on(BinaryImport.Extension) && on("bufferDeviceAddress"),
                SubgroupSizeControl = has.SubgroupSizeControl && on(SubgroupSizeQuery.Extension) && on("subgroupSizeControl") && on("computeFullSubgroups"),
            },
        };
        // What the matrix kernels need together, they do without together.
        bool matrix = device.Features is { CooperativeMatrixKhr: true, Float16: true, Storage16Bit: true };
        device = device with
        {
            Features = device.Features with
            {
                CooperativeMatrixKhr = matrix,
                MatrixReductions = matrix && device.Features.MatrixReductions,
            },
            MatrixFragment = matrix ? device.MatrixFragment : null,
        };
        return device with { WhyUnusable = GpuRequirement.WhyUnusable(device) };
    }

    /// <summary>The number of a host's device among those of its instance; −1 where they do not have it, or are not told.</summary>
    private static int IndexOf(Vk vk, GpuHost host)
    {
        var instance = new Instance(host.Instance);
        uint count = 0;
        if (vk.EnumeratePhysicalDevices(instance, &count, null) != Result.Success || count == 0)
            return -1;
        var handles = new PhysicalDevice[count];
        fixed (PhysicalDevice* first = handles)
        {
            if (vk.EnumeratePhysicalDevices(instance, &count, first) < Result.Success)
                return -1;
        }
        return Array.FindIndex(handles, handle => handle.Handle == host.PhysicalDevice);
    }

    // Most of the queries are themselves of Vulkan 1.1 and 1.2.
    private static GpuPhysicalDevice TooOld(PhysicalDevice handle, int index, PhysicalDeviceProperties properties) => new()
    {
        Index = index,
        Handle = handle,
        Name = NativeStrings.Read(properties.DeviceName),
        Driver = $"version 0x{properties.DriverVersion:x}",
        Type = TypeOf(properties.DeviceType),
        ApiVersion = properties.ApiVersion,
        Limits = new GpuLimits(),
        Features = new GpuFeatures(),
    };

    private static TitokDeviceType TypeOf(PhysicalDeviceType type) => type switch
    {
        PhysicalDeviceType.DiscreteGpu => TitokDeviceType.Discrete,
        PhysicalDeviceType.IntegratedGpu => TitokDeviceType.Integrated,
        PhysicalDeviceType.VirtualGpu => TitokDeviceType.Virtual,
        PhysicalDeviceType.Cpu => TitokDeviceType.Cpu,
        _ => TitokDeviceType.Other,
    };

    private static GpuLimits Limits(Vk vk, PhysicalDevice handle, in PhysicalDeviceLimits limits)
    {
        PhysicalDeviceMemoryProperties memory;
        vk.GetPhysicalDeviceMemoryProperties(handle, &memory);
        long deviceLocal = 0;
        for (int i = 0; i < memory.MemoryHeapCount; i++)
        {
            if (memory.MemoryHeaps[i].Flags.HasFlag(MemoryHeapFlags.DeviceLocalBit))
                deviceLocal += (long)memory.MemoryHeaps[i].Size;
        }
        fixed (PhysicalDeviceLimits* pointer = &limits)
        {
            return new GpuLimits
            {
                MaxStorageBufferRangeInBytes = limits.MaxStorageBufferRange,
                MaxMemoryAllocationCount = (int)Math.Min(limits.MaxMemoryAllocationCount, int.MaxValue),
                MinStorageBufferOffsetAlignmentInBytes = (int)Math.Max(limits.MinStorageBufferOffsetAlignment, 4),
                MaxPushConstantsSizeInBytes = (int)limits.MaxPushConstantsSize,
                MaxStorageBuffersPerStage = (int)Math.Min(limits.MaxPerStageDescriptorStorageBuffers, int.MaxValue),
                MaxComputeSharedMemoryInBytes = (int)limits.MaxComputeSharedMemorySize,
                // All of ours lie along x.
                MaxComputeWorkGroupInvocations = (int)Math.Min(limits.MaxComputeWorkGroupInvocations, pointer->MaxComputeWorkGroupSize[0]),
                MaxComputeWorkGroupCountX = pointer->MaxComputeWorkGroupCount[0],
                MaxComputeWorkGroupCountY = pointer->MaxComputeWorkGroupCount[1],
                MaxComputeWorkGroupCountZ = pointer->MaxComputeWorkGroupCount[2],
                TimestampPeriodInNanoseconds = limits.TimestampPeriod,
                DeviceLocalMemoryInBytes = deviceLocal,
            };
        }
    }

    private static HashSet<string> Extensions(Vk vk, PhysicalDevice handle)
    {
        uint count = 0;
        VulkanResult.Check(vk.EnumerateDeviceExtensionProperties(handle, (byte*)null, &count, null), "vkEnumerateDeviceExtensionProperties");
        var properties = new ExtensionProperties[count];
        var names = new HashSet<string>();
        fixed (ExtensionProperties* first = properties)
        {
            VulkanResult.Check(vk.EnumerateDeviceExtensionProperties(handle, (byte*)null, &count, first), "vkEnumerateDeviceExtensionProperties");
            for (uint i = 0; i < count; i++)
                names.Add(NativeStrings.Read(first[i].ExtensionName));
        }
        return names;
    }

    /// <summary>The compute family that does not draw, where there is one: a busy desktop then holds us up less.</summary>
    private static (int Family, int TimestampBits) ComputeFamily(Vk vk, PhysicalDevice handle)
    {
        QueueFamilyProperties[] families = Families(vk, handle);
        int best = -1;
        for (int i = 0; i < families.Length; i++)
        {
            QueueFlags flags = families[i].QueueFlags;
            if (!flags.HasFlag(QueueFlags.ComputeBit) || families[i].QueueCount == 0)
                continue;
            bool draws = flags.HasFlag(QueueFlags.GraphicsBit);
            if (best < 0 || (!draws && families[i].TimestampValidBits > 0 && families[best].QueueFlags.HasFlag(QueueFlags.GraphicsBit)))
                best = i;
        }
        return best < 0 ? (-1, 0) : (best, (int)families[best].TimestampValidBits);
    }

    private static QueueFamilyProperties[] Families(Vk vk, PhysicalDevice handle)
    {
        uint count = 0;
        vk.GetPhysicalDeviceQueueFamilyProperties(handle, &count, null);
        var families = new QueueFamilyProperties[count];
        fixed (QueueFamilyProperties* first = families)
            vk.GetPhysicalDeviceQueueFamilyProperties(handle, &count, first);
        return families;
    }
}
