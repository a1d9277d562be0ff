using System.CommandLine;
using Titok.Vulkan;

namespace Titok.Cli.Commands;

/// <summary><c>titok devices</c>: what Vulkan sees, and which kernels each device gets.</summary>
internal static class DevicesCommand
{
    public static Command Create()
    {
        var command = new Command("devices", "List the Vulkan devices and the kernels that each gets");
        command.SetAction(_ =>
        {
            foreach (TitokDeviceInfo device in TitokDevice.List())
            {
                string state = device.WhyUnusable is { } why ? $"unusable: {why}" : $"profile {device.Profile}";
                Console.WriteLine($"{device.Index}: {device.Name} ({device.Type}, {device.Driver}, Vulkan {device.ApiVersion}, {device.MemoryInBytes >> 20} MiB) {state}");
            }
            return 0;
        });
        return command;
    }
}
