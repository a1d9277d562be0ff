using Titok.Vulkan.Tests.Checkpoints;

namespace Titok.Vulkan.Tests.Cli;

/// <summary>A model folder of the golden models with labels, and a folder to write to, for the tests of one class.</summary>
public sealed class CliModel : IDisposable
{
    public static readonly string[] Labels =
        ["tench, Tinca tinca", "goldfish", "great white shark", "tiger shark", "hammerhead", "crane", "stingray", "cock", "crane", "ostrich"];

    private readonly TemporaryFolder _folder = new();

    public CliModel()
    {
        foreach ((string part, string golden) in new[] { ("tokenizer", "tokenizer_legacy"), ("generator", "generator_vit") })
        {
            foreach (string file in new[] { "config.json", "model.safetensors" })
                _folder.Copy(TestFiles.Golden(golden, file), "model", part, file);
        }
        File.WriteAllLines(_folder["model", "classes.txt"], Labels);
        Directory.CreateDirectory(_folder["out"]);
    }

    public string Folder => _folder["model"];

    public static string Vae => TestFiles.Golden("tokenizer_vae");

    /// <summary>A place that no other test writes to.</summary>
    public string Out(string name)
    {
        string folder = _folder["out", Path.GetRandomFileName()];
        Directory.CreateDirectory(folder);
        return Path.Combine(folder, name);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Nothing lies in the folder of this output: neither the file nor a temporary one.</summary>
    public static void AssertNothingWritten(string output) =>
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(output)!));

    /// <summary>Nothing but these lies in the folder of this output.</summary>
    public static void AssertOnlyWritten(string output, params string[] names) =>
        Assert.Equal(names.Order(), Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(output)!).Select(Path.GetFileName).Order());
}
