using Titok.Vulkan.Tests.Checkpoints;

namespace Titok.Vulkan.Tests.Cli;

/// <summary><c>devices</c> and <c>doctor</c>, on a machine that is well and on machines that are not.</summary>
public sealed class DeviceCommandTests
{
    private static readonly Dictionary<string, string?> s_noDriver = new() { ["VK_ICD_FILENAMES"] = "/nowhere.json", ["VK_DRIVER_FILES"] = "/nowhere.json" };

    [Fact]
    public void DevicesListsWhatTheLibrarySees()
    {
        TitokRun run = TitokProcess.Run("devices");
        run.AssertDone();
        string[] lines = run.Output.TrimEnd().Split('\n');
        IReadOnlyList<TitokDeviceInfo> devices = TitokDevice.List();
        Assert.Equal(devices.Count + 1, lines.Length);
        foreach (TitokDeviceInfo device in devices)
        {
            string line = lines[device.Index + 1];
            Assert.StartsWith($"{device.Index}  ", line, StringComparison.Ordinal);
            foreach (string part in new[] { device.Name, device.Type.ToString().ToLowerInvariant(), device.ApiVersion, device.Profile, device.Driver, device.PciAddress, device.Uuid })
                Assert.Contains(part, line, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void DoctorFindsNothingMissingWhereTestsRun()
    {
        TitokRun run = TitokProcess.Run("doctor");
        run.AssertDone();
        Assert.DoesNotContain("MISSING", run.Output, StringComparison.Ordinal);
        Assert.Contains("used by default", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void WithoutADriverEverythingSaysWhereItWasLookedFor()
    {
        Wine.SkipsWhatTheLoaderIsTold();
        TitokProcess.Run(s_noDriver, "devices").AssertFailed(1, "driver");
        TitokRun doctor = TitokProcess.Run(s_noDriver, "doctor");
        // Here the variable is what hides the drivers, and doctor knows.
        doctor.AssertFailed(1, "unset VK_");
        Assert.Contains("MISSING", doctor.Output, StringComparison.Ordinal);
        TitokProcess.Run(
            s_noDriver, "generate", "--tokenizer", TestFiles.Golden("tokenizer_legacy"), "--generator", TestFiles.Golden("generator_vit"), "-o", Path.Combine(Path.GetTempPath(), "a.png"))
            .AssertFailed(1, "driver", "VK_DRIVER_FILES='/nowhere.json'");
        // Set to nothing, some loaders look nowhere, and others where they always do.
        var nothing = new Dictionary<string, string?> { ["VK_ICD_FILENAMES"] = "", ["VK_DRIVER_FILES"] = "" };
        doctor = TitokProcess.Run(nothing, "doctor");
        if (TitokProcess.Run(nothing, "devices").ExitCode == 0)
            doctor.AssertDone();
        else
            doctor.AssertFailed(1, "unset VK_");
    }

    /// <summary>Of such a file older loaders say that memory is out.</summary>
    [Fact]
    public void AManifestThatIsNoJsonIsWhatTheDoctorNames()
    {
        Wine.SkipsWhatTheLoaderIsTold();
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["icd.json"], "not json");
        var broken = new Dictionary<string, string?> { ["VK_ICD_FILENAMES"] = folder["icd.json"], ["VK_DRIVER_FILES"] = folder["icd.json"] };
        TitokRun doctor = TitokProcess.Run(broken, "doctor");
        doctor.AssertFailed(1, "Vulkan driver", "VK_DRIVER_FILES is set", "unset VK_DRIVER_FILES");
        Assert.Contains("MISSING", doctor.Output, StringComparison.Ordinal);
        TitokProcess.Run(broken, "devices").AssertFailed(1, "The Vulkan loader", "driver");
    }

    /// <summary>A loader that can't be loaded: an empty file that the dynamic linker finds first.</summary>
    [Fact]
    public void WithoutALoaderEverythingSaysWhatToInstall()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("the dynamic linker is hidden from in the way that Linux does it");
        using var folder = new TemporaryFolder();
        foreach (string name in new[] { "libvulkan.so.1", "libvulkan.so" })
            File.WriteAllText(folder[name], "");
        var noLoader = new Dictionary<string, string?> { ["LD_LIBRARY_PATH"] = folder.Root };
        TitokProcess.Run(noLoader, "devices").AssertFailed(1, "libvulkan.so.1", "apt-get install libvulkan1");
        TitokRun doctor = TitokProcess.Run(noLoader, "doctor");
        doctor.AssertFailed(1, "loader", "install");
        Assert.Contains("MISSING", doctor.Output, StringComparison.Ordinal);
        // What needs no device goes on working.
        TitokProcess.Run(noLoader, "info", "--model", TestFiles.Golden("tokenizer_vae")).AssertDone();
    }
}
