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

        (GpuFeatures features, GpuMatrixFragment? fragment) = Features(vk, handle, basic, extensions, (int)subgroup.SubgroupSize);
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
            DriverId = driver.DriverID,
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
                HasSubgroupOperations = subgroup.SupportedStages.HasFlag(ShaderStageFlags.ComputeBit) && (subgroup.SupportedOperations & wanted) == wanted,
                Processors = ProcessorQuery.Count(vk, handle, extensions),
            },
            Features = features,
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
            Features = GpuFeature.Where(feature => feature.IsIn(device.Features) && feature.Version <= host.ApiVersion),
            QueueFamily = family.QueueFlags.HasFlag(QueueFlags.ComputeBit) ? (int)host.QueueFamily : -1,
            TimestampBits = (int)family.TimestampValidBits,
        };
        return Only(device, host.Enabled.Contains);
    }

    /// <summary>A device with no more of its features and extensions than these, by their Vulkan names.</summary>
    public static GpuPhysicalDevice Only(GpuPhysicalDevice device, Func<string, bool> on)
    {
        GpuFeatures features = GpuFeature.Where(feature => feature.IsIn(device.Features) && feature.Names.All(on));
        GpuMatrixFragment? fragment = features.CooperativeMatrix ? device.MatrixFragment : null;
        device = device with
        {
            Extensions = new HashSet<string>(device.Extensions.Where(on)),
            Features = features,
            MatrixFragment = features.SubgroupSizeControl ? fragment : fragment is null ? null : fragment with { SubgroupSize = device.Limits.SubgroupSize },
        };
        return device with { WhyUnusable = GpuRequirement.WhyUnusable(device) };
    }

    /// <summary>
    /// The features that a device has all for; of some, more is asked than that they are there, as of cooperative matrices a fragment.
    /// </summary>
    private static (GpuFeatures Features, GpuMatrixFragment? Fragment) Features(
        Vk vk, PhysicalDevice handle, PhysicalDeviceProperties properties, HashSet<string> extensions, int subgroupSize)
    {
        GpuMatrixFragment? fragment = null;
        GpuFeature[] known = [.. GpuFeature.All.Where(f => f.Version <= properties.ApiVersion && (f.Extension is null || extensions.Contains(f.Extension)))];
        HashSet<string> names = GpuFeatureChain.Read(vk, handle, [.. known.SelectMany(feature => feature.Fields)]);
        GpuFeatures features = GpuFeature.Where(feature => known.Contains(feature) && feature.Fields.All(field => names.Contains(field.Name)) && Suits(feature));
        if (features.SubgroupSizeControl && fragment is not null)
            fragment = fragment with { SubgroupSize = SubgroupSizeQuery.ForMatrices(properties.VendorID, fragment, SubgroupSizeQuery.Least(vk, handle)) };
        return (features, fragment);

        bool Suits(GpuFeature feature) =>
            feature == GpuFeature.CooperativeMatrix ? (fragment = CooperativeMatrixQuery.LargestFragment(vk, handle, subgroupSize)) is not null
            : feature == GpuFeature.BinaryImport ? BinaryImport.Takes(properties.VendorID, properties.DeviceID)
            : feature != GpuFeature.SubgroupSizeControl || SubgroupSizeQuery.MayBeRequired(vk, handle, subgroupSize);
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
