using System.CommandLine;
using Titok.Vulkan;

namespace Titok.Cli.Commands;

/// <summary><c>titok doctor</c>: whether this machine can run models, and if not, the command that mends it.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var command = new Command("doctor", "Say what is missing on this machine, and the command that mends it");
        command.SetAction(_ =>
        {
            IReadOnlyList<TitokDeviceInfo> devices = TitokDevice.List();
            Console.WriteLine("Vulkan loader: found");
            foreach (TitokDeviceInfo device in devices)
                Console.WriteLine($"device {device.Index}, {device.Name}: {(device.WhyUnusable is { } why ? $"cannot be used: {why}" : "ready")}");
            using TitokDevice best = TitokDevice.Create();
            Console.WriteLine($"titok would use device {best.Info.Index}, {best.Info.Name}, with {best.Info.Profile} kernels");
            if (best.Info.Type == "cpu")
                Console.WriteLine("no GPU is in use; install its vendor's Vulkan driver if there is one (Debian: apt-get install mesa-vulkan-drivers, or nvidia-driver)");
            return 0;
        });
        return command;
    }
}
