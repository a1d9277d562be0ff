using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Titok.Vulkan.Tests.Kernels;

/// <summary>Whether the compiled shaders are those of the sources beside them.</summary>
public class ShaderSourceTests
{
    private static string Sources => SourceTree.Require("shaders");

    private static string Binaries => SourceTree.Require("src/Titok.Vulkan/Shaders");

    /// <summary>Each line of sources.sha256 is the hash of a shader followed by every common file.</summary>
    [Fact]
    public void NoBinaryIsStale()
    {
        string[] expected = [.. Hashes("*.comp", "*.glsl").Concat(Hashes("*.cu", "*.cuh")).Order()];
        string[] recorded = [.. File.ReadAllLines(Path.Combine(Binaries, "sources.sha256")).Order()];
        Assert.True(expected.SequenceEqual(recorded), $"run shaders/build.sh: {string.Join(", ", expected.Except(recorded).Concat(recorded.Except(expected)).Select(l => l[66..]).Distinct())}");
    }

    [Fact]
    public void EveryBinaryHasASource()
    {
        Assert.Equal(Named(Sources, "*.comp"), EmbeddedShaders.Names.Select(n => n.Split('.')[0]).Distinct().Order());
        Assert.Equal(Named(Sources, "*.cu"), Named(Binaries, "*.ptx"));

        static IEnumerable<string> Named(string folder, string pattern) =>
            Directory.GetFiles(folder, pattern, SearchOption.AllDirectories).Select(p => Path.GetFileNameWithoutExtension(p)).Order();
    }

    [Fact]
    public void RebuildingGivesTheSameBytes()
    {
        RequireCompiler();
        bool hasClang = IsInstalled("clang-21");
        string copy = Directory.CreateTempSubdirectory("titok-shaders-").FullName;
        try
        {
            foreach (string path in Directory.GetFiles(Sources, "*", SearchOption.AllDirectories))
            {
                string target = Path.Combine(copy, "shaders", Path.GetRelativePath(Sources, path));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(path, target);
            }
            (int exitCode, string output) = Execute("bash", Path.Combine(copy, "shaders/build.sh"));
            // Without it all but the modules in PTX are built, which come last.
            Assert.True(exitCode == (hasClang ? 0 : 1), output);
            string built = Path.Combine(copy, "src/Titok.Vulkan/Shaders");
            string[] all = [.. Directory.GetFiles(Binaries).Select(p => Path.GetFileName(p)).Where(name => hasClang || name.EndsWith(".spv", StringComparison.Ordinal)).Order()];
            Assert.Equal(all, Directory.GetFiles(built).Select(p => Path.GetFileName(p)).Order());
            foreach (string path in Directory.GetFiles(built))
                Assert.True(File.ReadAllBytes(path).SequenceEqual(File.ReadAllBytes(Path.Combine(Binaries, Path.GetFileName(path)))), $"{Path.GetFileName(path)} differs from what shaders/build.sh makes");
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    /// <summary>The samples' quad: in C as words that are included, in C# as a binary, of one source.</summary>
    [Theory]
    [InlineData("vert")]
    [InlineData("frag")]
    public void TheSamplesHaveTheSameShaders(string stage)
    {
        string words = File.ReadAllText(SourceTree.Require($"demo/embed-c/quad.{stage}.inc"));
        byte[] binary = File.ReadAllBytes(SourceTree.Require($"demo/embed-csharp/quad.{stage}.spv"));
        Assert.Equal(
            MemoryMarshal.Cast<byte, uint>(binary).ToArray(),
            words.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(word => Convert.ToUInt32(word, 16)));
        RequireCompiler();
        string built = Path.GetTempFileName();
        try
        {
            (int exitCode, string output) = Execute("glslc", "-O", "--target-env=vulkan1.0", SourceTree.Require($"demo/embed-c/quad.{stage}"), "-o", built);
            Assert.True(exitCode == 0, output);
            Assert.Equal(File.ReadAllBytes(built), binary);
        }
        finally
        {
            File.Delete(built);
        }
    }

    private static bool IsInstalled(string program)
    {
        try
        {
            Execute(program, "--version");
            return true;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static void RequireCompiler()
    {
        string version = "";
        try
        {
            version = Execute("glslc", "--version").Output;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("glslc is not installed");
        }
        // "shaderc 2026.4-1" or "shaderc v2023.2"; older ones compile, but to other bytes.
        Match found = Regex.Match(version, @"shaderc v?(\d{4})");
        bool known = found.Success;
        int year = known ? int.Parse(found.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : 0;
        Assert.SkipUnless(known && year >= 2026, $"glslc is {(known ? $"of {year}" : "of an unknown year")}; the binaries are of 2026");
    }

    private static (int ExitCode, string Output) Execute(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }

    /// <summary>Of sources of a kind, each followed by every file that its kind may include.</summary>
    private static IEnumerable<string> Hashes(string sources, string includes)
    {
        byte[] common = Concatenate(Directory.GetFiles(Sources, includes, SearchOption.AllDirectories)
            .Select(p => Path.GetRelativePath(Sources, p)).OrderBy(p => "./" + p, StringComparer.Ordinal));
        return Directory.GetFiles(Sources, sources, SearchOption.AllDirectories)
            .Select(p => Path.GetRelativePath(Sources, p))
            .Select(p => $"{Convert.ToHexStringLower(SHA256.HashData([.. File.ReadAllBytes(Path.Combine(Sources, p)), .. common]))}  {p}");
    }

    private static byte[] Concatenate(IEnumerable<string> paths) => [.. paths.SelectMany(p => File.ReadAllBytes(Path.Combine(Sources, p)))];
}
