using System.Diagnostics;
using Titok.Pictures;

namespace Titok.Vulkan.Tests.Cli;

/// <summary>Places that can't be written to, and being interrupted.</summary>
public sealed class BadOutputTests(CliModel model) : IClassFixture<CliModel>
{
    [Fact]
    public void APlaceThatCannotBeWrittenIsToldBeforeAnyWorkIsDone()
    {
        // With no driver at all, whatever needs the device would be told instead.
        var noDriver = new Dictionary<string, string?> { ["VK_ICD_FILENAMES"] = "/nowhere.json", ["VK_DRIVER_FILES"] = "/nowhere.json" };
        string file = model.Out("file");
        File.WriteAllText(file, "mine");
        Generate("-o", "/no/such/folder/a.png").AssertFailed(1, "/no/such/folder/a.png", "no such folder");
        Generate("-o", Path.Combine(file, "a.png")).AssertFailed(1, "can't be written");
        Generate("-o", file).AssertFailed(1, "is a file");
        Generate("-o", model.Out("a.png"), "--tokens", model.Folder).AssertFailed(1, "is a folder");
        Generate("-o", model.Out("a.png"), "--count", "1000").AssertFailed(2, "too many for a sheet");
        string one = model.Out("a.npy");
        Generate("-o", one, "--tokens", one).AssertFailed(2, one, "both images and tokens");
        string folder = model.Out("images"), third = Path.Combine(folder, "0002.png");
        Generate("-o", folder, "--class", "1,2,3", "--tokens", third).AssertFailed(2, third, "both images and tokens");
        Generate("-o", model.Out("a.npy"), "--count", "10000").AssertFailed(2, "100000 images are too many at once; at most 10000");
        if (OperatingSystem.IsLinux())
            Generate("-o", "/proc/a.png").AssertFailed(1, "/proc/a.png", "can't be written");
        Assert.Equal("mine", File.ReadAllText(file));

        TitokRun Generate(params string[] args) => TitokProcess.Run(noDriver, ["generate", "--model", model.Folder, .. args]);
    }

    /// <summary>As long as a name may be on Linux, and a byte longer.</summary>
    [Fact]
    public void ANameMayBeAsLongAsTheSystemTakes()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("how long a name may be is the system's affair");
        string longest = model.Out(new string('a', 251) + ".png"), longer = model.Out(new string('a', 252) + ".png");
        Write(longest);
        Assert.Equal("new", File.ReadAllText(longest));
        FileException error = Assert.Throws<FileException>(() => OutputFiles.RequirePlace(longer));
        Assert.Equal($"{longer}: can't be written: the name is too long", error.Message);
        OutputFiles.RequirePlace(longest);
        CliModel.AssertOnlyWritten(longest, Path.GetFileName(longest));
    }

    [Fact]
    public void ALinkStaysAndWhatItLeadsToIsWritten()
    {
        SymbolicLinks.Require();
        string file = model.Out("file"), link = model.Out("link"), dangling = model.Out("dangling"), created = model.Out("created");
        File.WriteAllText(file, "old");
        File.CreateSymbolicLink(link, Path.GetRelativePath(Path.GetDirectoryName(link)!, file));
        File.CreateSymbolicLink(dangling, created);
        Write(link);
        Write(dangling);
        Assert.Equal("new", File.ReadAllText(file));
        Assert.Equal("new", File.ReadAllText(created));
        Assert.NotNull(new FileInfo(link).LinkTarget);
        Assert.NotNull(new FileInfo(dangling).LinkTarget);
        CliModel.AssertOnlyWritten(file, "file");
    }

    [Fact]
    public void LinksInACircleAreRefused()
    {
        SymbolicLinks.Require();
        string link = model.Out("link");
        File.CreateSymbolicLink(link, link);
        TitokProcess.Run("generate", "--model", model.Folder, "--class", "1", "-o", model.Out("a.png"), "--tokens", Path.Combine(link, "a.json"))
            .AssertFailed(1, link, "can't be written");
    }

    [Theory]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)]
    public void AReplacedFileKeepsItsPermissions(UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no such permissions");
            return;
        }
        string file = model.Out("file");
        File.WriteAllText(file, "old");
        File.SetUnixFileMode(file, mode);
        Write(file);
        Assert.Equal("new", File.ReadAllText(file));
        Assert.Equal(mode, File.GetUnixFileMode(file));
    }

    [Fact]
    public async Task APipeStaysAPipe()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("named pipes are told from files on Linux alone");
        string pipe = model.Out("pipe");
        Assert.Equal(0, Shell($"mkfifo '{pipe}'"));
        OutputFiles.RequirePlace(pipe);
        Task<string> reader = Task.Run(() => File.ReadAllText(pipe));
        Write(pipe);
        Assert.Equal("new", await reader.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.True(OutputFiles.IsDevice(pipe));
        CliModel.AssertOnlyWritten(pipe, "pipe");
    }

    [Fact]
    public void NoPlaceIsWrittenTwiceInOneRun()
    {
        string output = model.Out("a"), other = Path.Combine(Path.GetDirectoryName(output)!, ".", "a");
        using (var files = new OutputFiles())
        {
            files.Add(output, stream => stream.WriteByte(1));
            Assert.Contains("twice", Assert.Throws<FileException>(() => files.Add(other, stream => stream.WriteByte(2))).Message, StringComparison.Ordinal);
        }
        CliModel.AssertNothingWritten(output);
    }

    /// <summary>Whatever way it is named.</summary>
    [Fact]
    public void AnInputIsNotWrittenOver()
    {
        SymbolicLinks.Require();
        string folder = model.Out("in"), image = Path.Combine(folder, "0000.png"), linked = model.Out("linked"), latents = model.Out("a.npy");
        Directory.CreateDirectory(folder);
        Directory.CreateSymbolicLink(linked, folder);
        File.WriteAllText(image, "mine");
        byte[] npy = Npy.Forge("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 16, 1, 8), }", new byte[16 * 8 * 4]);
        File.WriteAllBytes(latents, npy);
        foreach (string output in new[] { image, Path.Combine(folder, "..", "in", "0000.png"), Path.Combine(linked, "0000.png"), folder, linked })
            TitokProcess.Run("reconstruct", image, "--model", model.Folder, "-o", output).AssertFailed(2, "0000.png", "is an input");
        TitokProcess.Run("decode", latents, "--tokenizer", CliModel.Vae, "-o", latents).AssertFailed(2, latents, "is an input");
        string bare = model.Out("bare");
        File.Copy(image, bare);
        TitokProcess.Run("encode", image, bare, "--model", model.Folder, "-o", bare).AssertFailed(2, bare, "is an input");
        Assert.Equal("mine", File.ReadAllText(image));
        Assert.Equal("mine", File.ReadAllText(bare));
        Assert.Equal(npy, File.ReadAllBytes(latents));
        CliModel.AssertOnlyWritten(image, "0000.png");
    }

    [Theory]
    [InlineData("a.png", false, "tokens are written as .json, not as .png")]
    [InlineData("a.JPEG", false, "not as .jpeg")]
    [InlineData("a.npy", false, "not as .npy")]
    [InlineData("a.webp", true, "latents are written as .npy, not as .webp")]
    [InlineData("a.json", true, "not as .json")]
    public void TokensAreNotWrittenUnderTheNameOfSomethingElse(string name, bool vae, string words)
    {
        string output = model.Out(name);
        TitokProcess.Run("encode", "none.bmp", vae ? "--tokenizer" : "--model", vae ? CliModel.Vae : model.Folder, "-o", output).AssertFailed(2, name, words);
        CliModel.AssertNothingWritten(output);
    }

    /// <summary>A model that is not there would be told next.</summary>
    [Fact]
    public void TheDemoTellsAPlaceThatCannotBeWrittenBeforeItBegins()
    {
        string file = model.Out("file");
        File.WriteAllText(file, "mine");
        Assert.EndsWith("is a file, expected a folder", Demo("--frames", "1", "--capture", file).AssertFailed(), StringComparison.Ordinal);
        Assert.EndsWith("is a file, expected a folder", Demo("--save", file).AssertFailed(), StringComparison.Ordinal);
        Demo("--frames", "1", "--stats", Path.Combine(file, "a.json")).AssertFailed(1, "a.json", "can't be written");
        Demo("--stats", model.Folder).AssertFailed(1, "is a folder");
        Assert.Equal("mine", File.ReadAllText(file));

        static TitokRun Demo(params string[] args) => TitokProcess.Run(["demo", "--model", "/no/such/model", .. args]);
    }

    [Fact]
    public void AFullDiskIsToldAndTheDeviceStaysADevice()
    {
        if (!File.Exists("/dev/full"))
            Assert.Skip("there is no /dev/full on this system");
        string picture = model.Out("a.png");
        TitokProcess.Run("generate", "--model", model.Folder, "--class", "1", "-o", picture, "--tokens", "/dev/full").AssertFailed(1, "/dev/full", "disk is full");
        CliModel.AssertNothingWritten(picture);
        Assert.Throws<IOException>(() =>
        {
            using var device = new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            device.WriteByte(0);
        });
    }

    [Theory]
    [InlineData("frob 2>/dev/full", 2, "")]
    [InlineData("frob 2>&-", 2, "")]
    [InlineData("info --model /no/such/model 2>/dev/full", 1, "")]
    [InlineData("info >/dev/full", 1, "standard output: can't be written: the disk is full")]
    [InlineData("--help >/dev/full", 1, "standard output: can't be written: the disk is full")]
    [InlineData("info >&-", 1, "standard output: can't be written")]
    public void TheExitCodeIsThatOfTheTroubleWhereNothingCanBeSaid(string command, int exitCode, string words)
    {
        if (!File.Exists("/dev/full"))
            Assert.Skip("there is no /dev/full on this system");
        using Process process = TitokProcess.Start("/bin/sh", new Dictionary<string, string?>(), "-c", $"'{TitokProcess.Program}' {command}");
        TitokRun run = TitokProcess.Finish(process);
        if (words.Length != 0)
            run.AssertFailed(exitCode, words);
        Assert.Equal((exitCode, ""), (run.ExitCode, run.Output));
    }

    /// <summary>A disk of 16 KiB, which is smaller than any picture folder of the model.</summary>
    [Fact]
    public void ADiskThatFillsUpIsLeftAsItWas()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
            Assert.Skip("only root may mount a small disk");
        string disk = model.Out("disk");
        Directory.CreateDirectory(disk);
        if (Shell($"mount -t tmpfs -o size=16k none '{disk}'") != 0)
            Assert.Skip("this machine does not let a disk be mounted");
        try
        {
            TitokProcess.Run("generate", "--model", model.Folder, "-o", Path.Combine(disk, "pictures")).AssertFailed(1, "disk is full");
            Assert.Empty(Directory.EnumerateFileSystemEntries(disk));
            TitokProcess.Run("generate", "--model", model.Folder, "-o", Path.Combine(disk, "a.npy")).AssertFailed(1, "disk is full");
            string half = Path.Combine(disk, "half");
            TitokProcess.Run("convert", model.Folder, half).AssertFailed(1, $"titok: {half}: can't be written: the disk is full");
            Assert.Empty(Directory.EnumerateFileSystemEntries(disk));
        }
        finally
        {
            Shell($"umount '{disk}'");
        }
    }

    [Fact]
    public void TokensCanGoToStandardOutput()
    {
        if (OperatingSystem.IsWindows() || !File.Exists("/dev/stdout"))
            Assert.Skip("there is no /dev/stdout on this system");
        TitokRun run = TitokProcess.Run("generate", "--model", model.Folder, "--class", "1", "-o", model.Out("a.png"), "--tokens", "/dev/stdout");
        run.AssertDone();
        Assert.StartsWith("{\"tokens\":[[", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HUP", 129, "hung up")]
    [InlineData("INT", 130, "interrupted")]
    [InlineData("TERM", 143, "terminated")]
    public void BeingInterruptedLeavesNothingBehind(string signal, int exitCode, string word)
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("Windows has no such signal");
        if (!HearsInterrupts())
            Assert.Skip("whatever runs these tests has told its children to ignore interrupts");
        string output = model.Out("a.png"), tokens = model.Out("a.json");
        using Process process = TitokProcess.Start(
            new Dictionary<string, string?>(), "generate", "--model", model.Folder, "--class", "1", "--count", "1000", "--steps", "1024", "-o", output, "--tokens", tokens);
        WaitUntilAtWork(process);
        Assert.False(process.HasExited, "it was to be interrupted in the middle");
        Assert.Equal(0, Shell($"kill -{signal} {process.Id}"));
        var clock = Stopwatch.StartNew();
        TitokRun run = TitokProcess.Finish(process);
        run.AssertFailed(exitCode, word);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"it took {clock.Elapsed} to stop");
        CliModel.AssertNothingWritten(output);
        CliModel.AssertNothingWritten(tokens);
    }

    private static void Write(string path)
    {
        using var files = new OutputFiles();
        files.Add(path, stream => stream.Write("new"u8));
        files.Commit();
    }

    /// <summary>Once it has Vulkan loaded it is past its start, and has long work before it on any device.</summary>
    private static void WaitUntilAtWork(Process process)
    {
        string maps = $"/proc/{process.Id}/maps";
        var clock = Stopwatch.StartNew();
        while (!process.HasExited && clock.Elapsed < TimeSpan.FromSeconds(20))
        {
            Thread.Sleep(100);
            if (File.Exists(maps) && File.ReadAllText(maps).Contains("libvulkan", StringComparison.Ordinal))
                return;
        }
    }

    private static bool HearsInterrupts()
    {
        const string Status = "/proc/self/status", Ignored = "SigIgn:";
        string? line = File.Exists(Status) ? File.ReadLines(Status).FirstOrDefault(l => l.StartsWith(Ignored, StringComparison.Ordinal)) : null;
        return line is null || (Convert.ToUInt64(line[Ignored.Length..].Trim(), 16) & 0b10) == 0;
    }

    private static int Shell(string command)
    {
        using Process process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command]) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }
}
