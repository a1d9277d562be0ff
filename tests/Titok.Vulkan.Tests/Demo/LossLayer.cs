using System.Diagnostics;

namespace Titok.Vulkan.Tests.Demo;

/// <summary>A Vulkan layer for a program under test, by which its device is lost when a test says so.</summary>
internal sealed class LossLayer
{
    private readonly string _file;

    /// <param name="folder">An empty folder for it.</param>
    public LossLayer(string folder)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/usr/bin/cc"), "there is no C compiler; on Debian: apt-get install gcc libc6-dev");
        Assert.SkipUnless(File.Exists("/usr/include/vulkan/vk_layer.h"), "Vulkan's headers are not installed; on Debian: apt-get install libvulkan-dev");
        string source = SourceTree.Require("tests/Titok.Vulkan.Tests/Demo/loss_layer.c");
        Directory.CreateDirectory(folder);
        var start = new ProcessStartInfo("/usr/bin/cc")
        {
            RedirectStandardError = true,
            ArgumentList =
            {
                "-std=c99", "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-fvisibility=hidden", "-pthread", source, "-o", Path.Combine(folder, "libloss.so"),
            },
        };
        using (Process compiler = Process.Start(start)!)
        {
            string errors = compiler.StandardError.ReadToEnd();
            compiler.WaitForExit();
            Assert.True(compiler.ExitCode == 0, errors);
        }
        File.WriteAllText(Path.Combine(folder, "loss.json"), """
            {
              "file_format_version": "1.1.0",
              "layer": {
                "name": "VK_LAYER_TITOK_loss", "type": "GLOBAL", "library_path": "./libloss.so",
                "api_version": "1.3.0", "implementation_version": "1", "description": "loses devices"
              }
            }
            """);
        _file = Path.Combine(folder, "lose");
        Environment = new Dictionary<string, string?>
        {
            ["VK_ADD_LAYER_PATH"] = folder,
            ["VK_INSTANCE_LAYERS"] = "VK_LAYER_TITOK_loss",
            ["TITOK_LOSS"] = _file,
        };
    }

    /// <summary>What the program is to be started with.</summary>
    public Dictionary<string, string?> Environment { get; }

    /// <summary>Whether the device was lost since that was asked for.</summary>
    public bool HasLost => !File.Exists(_file);

    /// <summary>Lets the device be lost at its next submission.</summary>
    public void Lose() => File.WriteAllText(_file, "");
}
