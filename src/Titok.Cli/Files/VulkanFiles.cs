namespace Titok.Cli.Files;

/// <summary>What the file system and the environment tell about Vulkan, beside what Vulkan itself does.</summary>
internal static class VulkanFiles
{
    public const string Nvidia = "NVIDIA";

    private static readonly string[] s_overrides = ["VK_DRIVER_FILES", "VK_ICD_FILENAMES", "VK_LOADER_DRIVERS_SELECT", "VK_LOADER_DRIVERS_DISABLE"];

    /// <summary>The environment variable, empty or not, that makes the loader look for other drivers; null if none is set.</summary>
    public static string? DriverOverride => s_overrides.FirstOrDefault(v => Environment.GetEnvironmentVariable(v) is not null);

    /// <summary>The command that lets this user at a GPU which is there but closed to them; null if that is not the trouble.</summary>
    public static string? RenderNodeRemedy
    {
        get
        {
            const string Folder = "/dev/dri";
            if (!Directory.Exists(Folder))
                return null;
            string? closed = Directory.EnumerateFiles(Folder, "renderD*").FirstOrDefault(node => !CanOpen(node));
            return closed is null ? null : $"sudo usermod -aG render {Environment.UserName}   (and log in again: {closed} may not be opened)";
        }
    }

    /// <summary>Who made the GPU that the PCI bus shows, as far as Linux tells; null if there is none.</summary>
    public static string? GpuVendor
    {
        get
        {
            const string Folder = "/sys/bus/pci/devices", DisplayController = "0x03";
            if (!Directory.Exists(Folder))
                return null;
            IEnumerable<string?> vendors =
                from device in Directory.EnumerateDirectories(Folder)
                where FirstLine(Path.Combine(device, "class")).StartsWith(DisplayController, StringComparison.Ordinal)
                select FirstLine(Path.Combine(device, "vendor")) switch
                {
                    "0x10de" => Nvidia,
                    "0x1002" => "AMD",
                    "0x8086" => "Intel",
                    _ => null,
                };
            return vendors.FirstOrDefault(v => v is not null);
        }
    }

    private static string FirstLine(string path)
    {
        try
        {
            return File.ReadLines(path).FirstOrDefault() ?? "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static bool CanOpen(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
        catch (IOException)
        {
            // There may be no hardware behind it, which is another trouble than this one.
            return true;
        }
    }
}
