using System.Globalization;
using Silk.NET.Vulkan;
using Titok.Vulkan;

namespace Titok.Demo.Graphics;

/// <summary>A physical device that can compute and draw on one queue and, where there is a window, present to it.</summary>
/// <param name="Index">Its number, as titok devices counts.</param>
/// <param name="Handle">Its handle.</param>
/// <param name="Name">Its name.</param>
/// <param name="Type">What kind of device it is.</param>
/// <param name="QueueFamily">The family of that queue.</param>
internal sealed record GraphicsAdapter(int Index, PhysicalDevice Handle, string Name, PhysicalDeviceType Type, uint QueueFamily)
{
    /// <summary>All of an instance's that can be used, best first.</summary>
    /// <param name="instance">Instance.</param>
    /// <param name="presents">Whether a queue family of a device can present; null where nothing is presented.</param>
    public static unsafe IReadOnlyList<GraphicsAdapter> All(GraphicsInstance instance, Func<PhysicalDevice, uint, bool>? presents)
    {
        var adapters = new List<GraphicsAdapter>();
        PhysicalDevice[] devices = instance.PhysicalDevices();
        for (int index = 0; index < devices.Length; index++)
        {
            PhysicalDeviceProperties properties;
            instance.Vk.GetPhysicalDeviceProperties(devices[index], &properties);
            if (properties.ApiVersion < Vk.Version12)
                continue;
            if (QueueFamilyOf(instance.Vk, devices[index], presents) is { } family)
                adapters.Add(new GraphicsAdapter(index, devices[index], NativeNames.Read(properties.DeviceName), properties.DeviceType, family));
        }
        return [.. adapters.OrderBy(a => Rank(a.Type)).ThenBy(a => a.Index)];
    }

    /// <summary>The best, or the one with this number, with this in its name, or with this uuid:…, luid:… or pci:….</summary>
    /// <exception cref="NoDeviceException">There is none, or not that one.</exception>
    public static GraphicsAdapter Choose(IReadOnlyList<GraphicsAdapter> adapters, string? wanted, bool presents)
    {
        if (adapters.Count == 0)
        {
            throw new NoDeviceException(presents
                ? "no Vulkan device here has a queue that can draw and present to this display (--frames N --capture DIR works without)"
                : "no Vulkan 1.2 device here can draw; titok doctor says what is missing");
        }
        if (wanted is null)
            return adapters[0];
        wanted = wanted.Trim();
        int? index = int.TryParse(wanted, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : IndexOf(wanted);
        GraphicsAdapter? chosen = index is null
            ? adapters.FirstOrDefault(a => a.Name.Contains(wanted, StringComparison.OrdinalIgnoreCase))
            : adapters.FirstOrDefault(a => a.Index == index);
        return chosen ?? throw new NoDeviceException(
            $"there is no device '{wanted}' that can draw{(presents ? " to this display" : "")}; there is {string.Join(", ", adapters.Select(a => $"{a.Index}: {a.Name}"))}");
    }

    /// <summary>The number of the device that has this uuid:…, luid:… or pci:…; null where none has, or it is another kind of name.</summary>
    private static int? IndexOf(string wanted)
    {
        const StringComparison anyCase = StringComparison.OrdinalIgnoreCase;
        string[] kinds = ["uuid:", "luid:", "pci:"];
        if (!kinds.Any(kind => wanted.StartsWith(kind, anyCase)))
            return null;
        string plain = wanted.StartsWith(kinds[2], anyCase) ? wanted : wanted.Replace("-", "", StringComparison.Ordinal);
        return TitokDevice.List().FirstOrDefault(Is)?.Index;

        bool Is(TitokDeviceInfo device) => plain.Equals($"uuid:{device.Uuid}", anyCase)
            || (device.Luid.Length > 0 && plain.Equals($"luid:{device.Luid}", anyCase))
            || (device.PciAddress.Length > 0 && plain.Equals($"pci:{device.PciAddress}", anyCase));
    }

    private static int Rank(PhysicalDeviceType type) => type switch
    {
        PhysicalDeviceType.DiscreteGpu => 0,
        PhysicalDeviceType.IntegratedGpu => 1,
        PhysicalDeviceType.VirtualGpu => 2,
        PhysicalDeviceType.Cpu => 3,
        _ => 4,
    };

    private static unsafe uint? QueueFamilyOf(Vk vk, PhysicalDevice device, Func<PhysicalDevice, uint, bool>? presents)
    {
        uint count = 0;
        vk.GetPhysicalDeviceQueueFamilyProperties(device, &count, null);
        var families = new QueueFamilyProperties[count];
        fixed (QueueFamilyProperties* first = families)
            vk.GetPhysicalDeviceQueueFamilyProperties(device, &count, first);
        for (uint family = 0; family < count; family++)
        {
            if (families[family].QueueFlags.HasFlag(QueueFlags.GraphicsBit | QueueFlags.ComputeBit) && presents?.Invoke(device, family) != false)
                return family;
        }
        return null;
    }
}
