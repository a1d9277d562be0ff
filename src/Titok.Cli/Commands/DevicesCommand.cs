using System.CommandLine;
using Titok.Cli.Display;
using Titok.Vulkan;

namespace Titok.Cli.Commands;

/// <summary><c>titok devices</c>: what Vulkan sees, which kernels each device has all for, and by what it may be named.</summary>
internal static class DevicesCommand
{
    public static Command Create()
    {
        var command = new Command("devices", "List the Vulkan devices: their profile of kernels, and by what --device may name them");
        command.SetAction((_, _) => Program.Done(() =>
        {
            IReadOnlyList<TitokDeviceInfo> devices = TitokDevice.List();
            if (devices.Count == 0)
                throw new CommandException(Remedy.NoDriver);
            var table = new TextTable();
            table.Add("N", "device", "type", "memory", "Vulkan", "profile", "driver", "PCI", "UUID");
            foreach (TitokDeviceInfo device in devices)
            {
                string profile = device.WhyUnusable is { } why ? $"unusable: {why}" : device.Profile;
                string type = device.Type.ToString().ToLowerInvariant(), address = device.PciAddress.Length > 0 ? device.PciAddress : "-";
                table.Add($"{device.Index}", device.Name, type, ByteSize.Format(device.MemoryInBytes), device.ApiVersion, profile, device.Driver, address, device.Uuid);
            }
            if (Terminal.Width is { } width && table.Width() > width)
                WriteApart(table, width);
            else
                table.Write(Console.Out);
        }));
        return command;
    }

    private static void WriteApart(TextTable table, int width)
    {
        string above = "";
        foreach (TextTable device in table.ByHeadings())
        {
            Console.Write(above);
            device.Write(Console.Out, width: width);
            above = Environment.NewLine;
        }
    }
}
