using System.Globalization;

namespace Titok.Vulkan.Gpu;

/// <summary>Picks a physical device: the best one, or the one somebody named.</summary>
internal static class DeviceSelection
{
    /// <summary>
    /// Chooses by index, by part of a name, or by uuid:…, luid:… or pci:…; null or empty means the best device there is.
    /// </summary>
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
            GpuPhysicalDevice[] named = devices.Where(d => Is(d, wanted)).ToArray();
            chosen = Best(named) ?? named.FirstOrDefault();
        }
        if (chosen is null)
            throw new NoDeviceException($"There is no device '{wanted}'; {List(devices)}");
        if (chosen.WhyUnusable is { } reason)
            throw new NoDeviceException($"Device {chosen.Index} ({chosen.Name}) can't be used: {reason}");
        return chosen;
    }

    private static bool Is(GpuPhysicalDevice device, string wanted)
    {
        const StringComparison anyCase = StringComparison.OrdinalIgnoreCase;
        bool IsId(byte[] id, string kind) =>
            wanted.StartsWith(kind, anyCase) && id.Length > 0 && Convert.ToHexString(id).Equals(wanted[kind.Length..].Replace("-", ""), anyCase);
        return device.Name.Contains(wanted, anyCase)
            || IsId(device.Uuid, "uuid:")
            || IsId(device.Luid, "luid:")
            || (device.PciAddress.Length > 0 && wanted.Equals($"pci:{device.PciAddress}", anyCase));
    }

    private static GpuPhysicalDevice? Best(IReadOnlyList<GpuPhysicalDevice> devices) =>
        devices.Where(d => d.WhyUnusable is null).OrderByDescending(d => d.Type).ThenBy(d => d.Index).FirstOrDefault();

    private static string List(IReadOnlyList<GpuPhysicalDevice> devices) =>
        "there is " + string.Join(", ", devices.Select(d =>
            $"{d.Index}: {d.Name}" + (d.WhyUnusable is { } reason ? $" (unusable: {reason})" : "")));
}
