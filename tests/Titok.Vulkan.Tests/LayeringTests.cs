using System.Text.RegularExpressions;

namespace Titok.Vulkan.Tests;

/// <summary>Which folder of the library may use which, as docs/architecture.md has it.</summary>
public partial class LayeringTests
{
    private static readonly Dictionary<string, string[]> s_uses = new()
    {
        ["Engine"] = ["Models", "Kernels", "Graphs", "Gpu", "Checkpoints", "Files"],
        ["Models"] = ["Graphs", "Kernels", "Checkpoints"],
        // Ops are made of kernels' calls, and kernels are given tensors.
        ["Graphs"] = ["Kernels"],
        ["Kernels"] = ["Graphs"],
        ["Checkpoints"] = ["Files"],
        ["Gpu"] = ["Files"],
        ["Files"] = [],
    };

    public static TheoryData<string> Folders => [.. s_uses.Keys];

    [Theory]
    [MemberData(nameof(Folders))]
    public void AFolderUsesThoseBelowIt(string folder)
    {
        string[] allowed = [folder, .. s_uses[folder]];
        string[] files = Directory.GetFiles(SourceTree.Require($"src/Titok.Vulkan/{folder}"), "*.cs");
        Assert.NotEmpty(files);
        Assert.Empty(files.SelectMany(file => Uses().Matches(File.ReadAllText(file)).Select(m => m.Groups[1].Value)
            .Where(used => s_uses.ContainsKey(used) && !allowed.Contains(used))
            .Select(used => $"{Path.GetFileName(file)} uses {used}")));
    }

    [Fact]
    public void OnlyGpuKnowsVulkan()
    {
        string library = SourceTree.Require("src/Titok.Vulkan");
        string[] files =
        [
            .. Directory.GetFiles(library, "*.cs"),
            .. s_uses.Keys.Where(folder => folder != "Gpu").SelectMany(folder => Directory.GetFiles(Path.Combine(library, folder), "*.cs")),
        ];
        Assert.Empty(files.Where(file => File.ReadAllText(file).Contains("using Silk.NET", StringComparison.Ordinal)).Select(Path.GetFileName));
    }

    [Fact]
    public void EveryFolderIsListed()
    {
        string[] folders = [.. Directory.GetDirectories(SourceTree.Require("src/Titok.Vulkan")).Select(d => Path.GetFileName(d)!)];
        Assert.Equal(s_uses.Keys.Order(), folders.Where(f => f is not ("bin" or "obj" or "Shaders")).Order());
    }

    /// <summary>Names of the library's folders, wherever they stand.</summary>
    [GeneratedRegex(@"(?<![\w.])Titok\.Vulkan\.(\w+)")]
    private static partial Regex Uses();
}
