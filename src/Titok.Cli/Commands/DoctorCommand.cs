using System.CommandLine;
using Titok.Cli.Display;
using Titok.Cli.Files;
using Titok.Vulkan;

namespace Titok.Cli.Commands;

/// <summary><c>titok doctor</c>: whether this machine can run models, and if not, the command that fixes it.</summary>
internal static class DoctorCommand
{
    private const string Ok = "ok", Missing = "MISSING", Note = "note";

    public static Command Create()
    {
        var command = new Command("doctor", "Check this machine's Vulkan setup, and name the commands that fix it");
        command.SetAction((_, _) => Program.Done(Run));
        return command;
    }

    private static void Run()
    {
        var report = new TextTable();
        string? trouble = Examine(report);
        report.Write(Console.Out, width: Terminal.Width);
        if (trouble is not null)
            throw new CommandException(trouble);
    }

    /// <summary>Fills the report; what comes back is what keeps models from running.</summary>
    private static string? Examine(TextTable report)
    {
        IReadOnlyList<TitokDeviceInfo> devices;
        try
        {
            devices = TitokDevice.List();
        }
        catch (NoVulkanLoaderException)
        {
            return Needed(report, "Vulkan loader", "not installed", Remedy.ForLoader);
        }
        catch (NoDeviceException)
        {
            devices = [];
        }
        catch (OutOfDeviceMemoryException e)
        {
            return VulkanFiles.DriverOverride is { } set
                ? Needed(report, "Vulkan driver", $"{set} is set; {e.Message}", $"unset {set}")
                : Needed(report, "Vulkan driver", e.Message, "VK_LOADER_DEBUG=error titok devices   (names the manifest)");
        }
        report.Add(Ok, "Vulkan loader", "found");
        if (devices.Count == 0)
        {
            return VulkanFiles.DriverOverride is { } variable
                ? Needed(report, "Vulkan driver", $"{variable} is set, and leaves no driver that can be loaded", $"unset {variable}")
                : Needed(report, "Vulkan driver", "none is installed", Remedy.ForDriver);
        }

        report.Add(Ok, "Vulkan driver", string.Join("; ", devices.Select(d => d.Driver).Distinct()));
        foreach (TitokDeviceInfo device in devices)
            report.Add(device.WhyUnusable is null ? Ok : Note, $"device {device.Index}", $"{device.Name}: {device.WhyUnusable ?? "can be used"}");
        if (devices.All(d => d.WhyUnusable is not null))
            return Needed(report, "usable device", "none of these can be used", Remedy.ForDriver);

        // Asked to validate, it tells whether the layer is there, wherever loaders look for layers.
        using TitokDevice best = TitokDevice.Create(new TitokDeviceOptions { Validation = true });
        string chosen = best.Info.Profile == "portable" ? "" : " (the fastest kernels are picked when a model is first loaded)";
        report.Add(Ok, "used by default", $"device {best.Info.Index}, of profile {best.Info.Profile}{chosen}");
        if (best.Info.Type == TitokDeviceType.Cpu)
            WhyNoGpu(report);
        if (best.IsValidating)
            report.Add(Ok, "validation layer", "found (the tests use it, and TITOK_VALIDATION=1 turns it on)");
        else
            Mendable(report, Note, "validation layer", "not installed (the tests use it, and TITOK_VALIDATION=1)", Remedy.ForValidation);
        return null;
    }

    private static void WhyNoGpu(TextTable report)
    {
        if (VulkanFiles.RenderNodeRemedy is { } openNode)
            Mendable(report, Note, "GPU", "there is one, but this user may not open it; images are made by the CPU, slowly", openNode);
        else if (VulkanFiles.GpuVendor is { } vendor)
            Mendable(report, Note, "GPU", $"there is one ({vendor}), but no Vulkan driver for it; images are made by the CPU, slowly", Remedy.ForGpu(vendor));
        else
            report.Add(Note, "GPU", "this machine shows none; images are made by the CPU, slowly");
    }

    private static string Needed(TextTable report, string what, string state, string remedy)
    {
        Mendable(report, Missing, what, state, remedy);
        return $"{what}: {state}; fix it with: {remedy}";
    }

    private static void Mendable(TextTable report, string mark, string what, string state, string remedy)
    {
        report.Add(mark, what, state);
        report.Add("", "", $"fix it with: {remedy}");
    }
}
