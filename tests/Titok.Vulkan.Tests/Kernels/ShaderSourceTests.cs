using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Titok.Vulkan.Tests.Kernels;

/// <summary>Whether the compiled shaders are those of the sources beside them.</summary>
public class ShaderSourceTests
{
    private const string Clang = "clang-21", TestShaders = "tests/Titok.Vulkan.Tests/Gpu/Shaders";

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
        AssertRebuilt("*.spv");
    }

    [Fact]
    public void RebuildingGivesTheSameModulesInPtx()
    {
        // build.sh compiles all else first.
        RequireCompiler();
        Assert.SkipUnless(IsInstalled(Clang), $"{Clang} is not installed");
        AssertRebuilt("*.ptx");
    }

    /// <summary>The window's shaders, and those that only tests have, by the build.sh beside them.</summary>
    [Theory]
    [InlineData("demo/Titok.Demo/Shaders", "quad.vert")]
    [InlineData("demo/Titok.Demo/Shaders", "quad.frag")]
    [InlineData(TestShaders, "test_float64.comp")]
    [InlineData(TestShaders, "test_hopper_fragments.comp")]
    [InlineData(TestShaders, "test_noise.comp")]
    [InlineData(TestShaders, "test_scale_add.comp")]
    public void OtherShadersAreOfTheirSources(string folder, string source)
    {
        RequireCompiler();
        string binary = SourceTree.Require($"{folder}/{source.Replace(".comp", "", StringComparison.Ordinal)}.spv");
        AssertCompiled(binary, "--target-env=vulkan1.2", SourceTree.Require($"{folder}/{source}"));
    }

    /// <summary>Also where there is no compiler, and where only what is included has changed.</summary>
    [Fact]
    public void NoTestShaderIsStale()
    {
        byte[] included = File.ReadAllBytes(SourceTree.Require("shaders/common/noise.glsl"));
        string[] expected = [.. Directory.GetFiles(SourceTree.Require(TestShaders), "*.comp")
            .Select(path => $"{Convert.ToHexStringLower(SHA256.HashData([.. File.ReadAllBytes(path), .. included]))}  {Path.GetFileName(path)}").Order()];
        Assert.Equal(expected, File.ReadAllLines(SourceTree.Require($"{TestShaders}/sources.sha256")).Order());
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
        AssertCompiled(SourceTree.Require($"demo/embed-csharp/quad.{stage}.spv"), "--target-env=vulkan1.0", SourceTree.Require($"demo/embed-c/quad.{stage}"));
    }

    private static void AssertCompiled(string binary, string target, string source)
    {
        string built = Path.GetTempFileName();
        try
        {
            (int exitCode, string output) = Execute("glslc", "-O", target, source, "-o", built);
            Assert.True(exitCode == 0, output);
            Assert.True(File.ReadAllBytes(built).SequenceEqual(File.ReadAllBytes(binary)), $"{binary} differs from what glslc makes of {source}");
        }
        finally
        {
            File.Delete(built);
        }
    }

    /// <summary>Runs shaders/build.sh on a copy, and compares the binaries of a kind.</summary>
    private static void AssertRebuilt(string pattern)
    {
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
            // Without clang all but the modules in PTX are built, which come last.
            Assert.True(exitCode == (IsInstalled(Clang) ? 0 : 1), output);
            string built = Path.Combine(copy, "src/Titok.Vulkan/Shaders");
            string[] names = [.. Directory.GetFiles(Binaries, pattern).Select(p => Path.GetFileName(p)).Order()];
            Assert.NotEmpty(names);
            Assert.Equal(names, Directory.GetFiles(built, pattern).Select(p => Path.GetFileName(p)).Order());
            foreach (string name in names)
                Assert.True(File.ReadAllBytes(Path.Combine(built, name)).SequenceEqual(File.ReadAllBytes(Path.Combine(Binaries, name))), $"{name} differs from what shaders/build.sh makes");
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
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
