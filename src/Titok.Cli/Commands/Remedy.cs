using Titok.Cli.Files;

namespace Titok.Cli.Commands;

/// <summary>The command that installs what is missing, on the system at hand.</summary>
internal static class Remedy
{
    public const string NoDriver = "no Vulkan driver is installed; titok doctor says how to fix that";

    private enum Family
    {
        Debian,
        Fedora,
        Arch,
        Suse,
        MacOS,
        Windows,
        Other,
    }

    public static string ForLoader => Current() switch
    {
        Family.Debian => Apt("libvulkan1 mesa-vulkan-drivers"),
        Family.Fedora => AsRoot("dnf install -y vulkan-loader mesa-vulkan-drivers"),
        Family.Arch => AsRoot("pacman -S --needed vulkan-icd-loader vulkan-swrast"),
        Family.Suse => AsRoot("zypper install -y libvulkan1 libvulkan_lvp"),
        Family.MacOS => "brew install vulkan-loader molten-vk",
        Family.Windows => "install the driver of your GPU's vendor",
        _ => "install the Vulkan loader (libvulkan.so.1) and a Vulkan driver such as Mesa's",
    };

    public static string ForDriver => Current() switch
    {
        Family.Debian => Apt("mesa-vulkan-drivers"),
        Family.Fedora => AsRoot("dnf install -y mesa-vulkan-drivers"),
        Family.Arch => AsRoot("pacman -S --needed vulkan-swrast"),
        Family.Suse => AsRoot("zypper install -y libvulkan_lvp"),
        Family.MacOS => "brew install molten-vk",
        Family.Windows => "install the driver of your GPU's vendor",
        _ => "install a Vulkan driver such as Mesa's",
    };

    public static string ForValidation => Current() switch
    {
        Family.Debian => Apt("vulkan-validationlayers"),
        Family.Fedora => AsRoot("dnf install -y vulkan-validation-layers"),
        Family.Arch => AsRoot("pacman -S --needed vulkan-validation-layers"),
        Family.Suse => AsRoot("zypper install -y vulkan-validationlayers"),
        Family.MacOS => "brew install vulkan-validationlayers",
        _ => "install the Khronos validation layers (they come with the Vulkan SDK)",
    };

    /// <summary>NVIDIA's driver is its own; Mesa has those of all the others.</summary>
    public static string ForGpu(string vendor) => vendor != VulkanFiles.Nvidia ? ForDriver : Current() switch
    {
        Family.Debian => Apt("nvidia-driver") + "   (from Debian's non-free archive)",
        Family.Arch => AsRoot("pacman -S --needed nvidia-utils"),
        _ => "install NVIDIA's driver",
    };

    private static string Apt(string packages) => AsRoot($"apt-get install -y {packages}");

    private static string AsRoot(string command) => Environment.IsPrivilegedProcess ? command : $"sudo {command}";

    private static Family Current()
    {
        if (OperatingSystem.IsWindows())
            return Family.Windows;
        if (OperatingSystem.IsMacOS())
            return Family.MacOS;
        string[] ids = OperatingSystemIds();
        return ids.Any(i => i is "debian" or "ubuntu") ? Family.Debian
            : ids.Any(i => i is "fedora" or "rhel" or "centos") ? Family.Fedora
            : ids.Contains("arch") ? Family.Arch
            : ids.Any(i => i is "suse" or "opensuse") ? Family.Suse
            : Family.Other;
    }

    /// <summary>ID and ID_LIKE of /etc/os-release: a derivative names what it is made from.</summary>
    private static string[] OperatingSystemIds()
    {
        try
        {
            return [.. from line in File.ReadLines("/etc/os-release")
                       where line.StartsWith("ID=", StringComparison.Ordinal) || line.StartsWith("ID_LIKE=", StringComparison.Ordinal)
                       from id in line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..].Trim('"').Split(' ')
                       select id];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
