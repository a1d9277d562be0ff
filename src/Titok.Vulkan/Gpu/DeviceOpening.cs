namespace Titok.Vulkan.Gpu;

/// <summary>How a device comes to be worked with: made on a physical device, or lent by a host.</summary>
internal static unsafe class DeviceOpening
{
    /// <summary>Makes a device; without <paramref name="physical"/>, on the best one there is.</summary>
    /// <exception cref="NoDeviceException">No device can be used.</exception>
    public static GpuDevice Open(GpuInstance instance, GpuPhysicalDevice? physical = null, GpuDeviceOptions? options = null)
    {
        physical ??= DeviceSelection.Choose(instance.PhysicalDevices);
        if (physical.WhyUnusable is { } reason)
            throw new NoDeviceException($"Device {physical.Index} ({physical.Name}) can't be used: {reason}");
        options ??= new GpuDeviceOptions();
        LogicalDevice logical;
        try
        {
            logical = LogicalDevice.Create(instance, physical, options.KeepStatistics);
        }
        catch (NoDeviceException) when (physical.Features.BinaryImport)
        {
            // Where CUDA's part of the driver can't be reached, as in some containers, no device can be made with the extension.
            physical = physical with { Features = physical.Features with { BinaryImport = false } };
            logical = LogicalDevice.Create(instance, physical, options.KeepStatistics);
        }
        try
        {
            return new GpuDevice(instance, physical, logical, options);
        }
        catch
        {
            logical.Vk.DestroyDevice(logical.Handle, null);
            instance.LiveObjects.Remove();
            throw;
        }
    }

    /// <summary>Works on a host's device. Nothing of the host's is destroyed with it.</summary>
    /// <exception cref="MissingFeatureException">The host has not enabled what can't be done without.</exception>
    public static GpuDevice Adopt(GpuInstance instance, GpuHost host, GpuDeviceOptions options)
    {
        GpuPhysicalDevice physical = instance.PhysicalDevices[0];
        if (GpuRequirement.Unmet(physical) is { } unmet)
            throw new MissingFeatureException(unmet.Name, $"The host's device {physical.Name} can't be used: it lacks {unmet.Name}, or the host has not enabled it.");
        return new GpuDevice(instance, physical, LogicalDevice.Adopt(host), options);
    }
}
