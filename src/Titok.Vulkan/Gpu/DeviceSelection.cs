using System.Globalization;

namespace Titok.Vulkan.Gpu;

/// <summary>Picks a physical device: the best one, or the one somebody named.</summary>
internal static class DeviceSelection
{
    /// <summary>Chooses by index or by part of a name; null or empty means the best device there is.</summary>
    /// <exception cref="NoDeviceException">Nothing fits; the message lists what there is.</exception>
    public static GpuPhysicalDevice Choose(IReadOnlyList<GpuPhysicalDevice> devices, string? wanted = null)
    {
        if (devices.Count == 0)
            throw new NoDeviceException(VulkanResult.NoDriverMessage);
        if (string.IsNullOrWhiteSpace(wanted))
            return Best(devices) ?? throw new NoDeviceException($"No device can be used; {List(devices)}");
        wanted = wanted.Trim();
        GpuPhysicalDevice? chosen;
        if (int.TryParse(wanted, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int index))
        {
            chosen = index >= 0 && index < devices.Count ? devices[index] : null;
        }
        else
        {
            GpuPhysicalDevice[] named = devices.Where(d => d.Name.Contains(wanted, StringComparison.OrdinalIgnoreCase)).ToArray();
            chosen = Best(named) ?? named.FirstOrDefault();
        }
        if (chosen is null)
            throw new NoDeviceException($"There is no device '{wanted}'; {List(devices)}");
        if (chosen.WhyUnusable is { } reason)
            throw new NoDeviceException($"Device {chosen.Index} ({chosen.Name}) can't be used: {reason}");
        return chosen;
    }

    private static GpuPhysicalDevice? Best(IReadOnlyList<GpuPhysicalDevice> devices) =>
        devices.Where(d => d.WhyUnusable is null).OrderByDescending(d => d.Type).ThenBy(d => d.Index).FirstOrDefault();

    private static string List(IReadOnlyList<GpuPhysicalDevice> devices) =>
        "there is " + string.Join(", ", devices.Select(d =>
            $"{d.Index}: {d.Name}" + (d.WhyUnusable is { } reason ? $" (unusable: {reason})" : "")));
}
