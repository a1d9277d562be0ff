using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>A VkDevice with the queue we use of it: made here, or handed over by a host.</summary>
/// <remarks>Everything past this type works on either; only <see cref="IsOwned"/> decides who destroys the device.</remarks>
internal sealed record LogicalDevice
{
    public required Vk Vk { get; init; }

    public required VulkanFunctions Functions { get; init; }

    public required Device Handle { get; init; }

    public required Queue Queue { get; init; }

    public required uint QueueFamily { get; init; }

    public required bool IsOwned { get; init; }

    /// <summary>Whether pipelines may be made to keep their statistics.</summary>
    public bool KeepsStatistics { get; init; }

    /// <summary>The host whose device this is; null where it is ours.</summary>
    public GpuHost? Host { get; init; }

    /// <summary>Makes a device with one compute queue and all features of <see cref="GpuFeatures"/> that it has.</summary>
    /// <param name="instance">Where the physical device is from.</param>
    /// <param name="physical">One that can be used.</param>
    /// <param name="keepStatistics">Whether to enable what <see cref="PipelineStatisticsQuery"/> needs, where it is there.</param>
    public static unsafe LogicalDevice Create(GpuInstance instance, GpuPhysicalDevice physical, bool keepStatistics = false)
    {
        keepStatistics = keepStatistics && PipelineStatisticsQuery.IsSupported(instance.Vk, physical.Handle, physical.Extensions);
        List<string> enabled = [.. GpuRequirement.Extensions(physical.Extensions, physical.Features)];
        if (keepStatistics)
            enabled.Add(PipelineStatisticsQuery.Extension);

        float priority = 1;
        var queueInfo = new DeviceQueueCreateInfo
        {
            SType = StructureType.DeviceQueueCreateInfo,
            QueueFamilyIndex = (uint)physical.QueueFamily,
            QueueCount = 1,
            PQueuePriorities = &priority,
        };
        using var extensions = new NativeStrings(enabled);
        var statistics = new PhysicalDevicePipelineExecutablePropertiesFeaturesKHR
        {
            SType = StructureType.PhysicalDevicePipelineExecutablePropertiesFeaturesKhr,
            PipelineExecutableInfo = true,
        };
        var info = new DeviceCreateInfo
        {
            SType = StructureType.DeviceCreateInfo,
            PNext = keepStatistics ? &statistics : null,
            QueueCreateInfoCount = 1,
            PQueueCreateInfos = &queueInfo,
            EnabledExtensionCount = extensions.Count,
            PpEnabledExtensionNames = extensions.Pointers,
        };
        using var chain = new GpuFeatureChain();
        chain.Patch(&info, physical.Features);
        Device handle;
        VulkanResult.Check(instance.Vk.CreateDevice(physical.Handle, &info, null, &handle), "vkCreateDevice");
        var functions = new VulkanFunctions(instance.Functions.GetInstanceProcAddrPointer, instance.Handle.Handle, handle.Handle);
        var vk = new Vk(functions);
        Queue queue;
        vk.GetDeviceQueue(handle, (uint)physical.QueueFamily, 0, &queue);
        instance.LiveObjects.Add();
        return new LogicalDevice
        {
            Vk = vk,
            Functions = functions,
            Handle = handle,
            Queue = queue,
            QueueFamily = (uint)physical.QueueFamily,
            IsOwned = true,
            KeepsStatistics = keepStatistics,
        };
    }

    /// <summary>Takes a host's device as it is.</summary>
    public static LogicalDevice Adopt(GpuHost host)
    {
        var functions = new VulkanFunctions(host.GetInstanceProcAddr, host.Instance, host.Device);
        return new LogicalDevice
        {
            Vk = new Vk(functions),
            Functions = functions,
            Handle = new Device(host.Device),
            Queue = new Queue(host.Queue),
            QueueFamily = host.QueueFamily,
            IsOwned = false,
            Host = host,
        };
    }
}
