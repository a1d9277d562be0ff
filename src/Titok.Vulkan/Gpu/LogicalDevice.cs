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

    /// <summary>Makes a device with one compute queue and every optional feature of <see cref="GpuFeatures"/> it has.</summary>
    public static unsafe LogicalDevice Create(GpuInstance instance, GpuPhysicalDevice physical)
    {
        GpuFeatures has = physical.Features;
        var enabled = new List<string>();
        if (has.PortabilitySubset)
            enabled.Add("VK_KHR_portability_subset");
        if (has.MemoryBudget)
            enabled.Add("VK_EXT_memory_budget");

        var vulkan12 = new PhysicalDeviceVulkan12Features
        {
            SType = StructureType.PhysicalDeviceVulkan12Features,
            TimelineSemaphore = true,
            ShaderFloat16 = has.Float16,
            BufferDeviceAddress = has.BufferDeviceAddress,
        };
        var vulkan11 = new PhysicalDeviceVulkan11Features
        {
            SType = StructureType.PhysicalDeviceVulkan11Features,
            PNext = &vulkan12,
            StorageBuffer16BitAccess = has.Storage16Bit,
        };
        var features = new PhysicalDeviceFeatures2
        {
            SType = StructureType.PhysicalDeviceFeatures2,
            PNext = &vulkan11,
            Features = new PhysicalDeviceFeatures { ShaderInt64 = has.Int64 },
        };
        float priority = 1;
        var queueInfo = new DeviceQueueCreateInfo
        {
            SType = StructureType.DeviceQueueCreateInfo,
            QueueFamilyIndex = (uint)physical.QueueFamily,
            QueueCount = 1,
            PQueuePriorities = &priority,
        };
        using var extensions = new NativeStrings(enabled);
        var info = new DeviceCreateInfo
        {
            SType = StructureType.DeviceCreateInfo,
            PNext = &features,
            QueueCreateInfoCount = 1,
            PQueueCreateInfos = &queueInfo,
            EnabledExtensionCount = extensions.Count,
            PpEnabledExtensionNames = extensions.Pointers,
        };
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
        };
    }
}
