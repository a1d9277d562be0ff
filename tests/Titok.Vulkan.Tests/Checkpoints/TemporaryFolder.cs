namespace Titok.Vulkan.Tests.Checkpoints;

/// <summary>A folder that goes when the test ends.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("titok-test-").FullName;

    public string this[params string[] parts] => Path.Combine([Root, .. parts]);

    /// <summary>Copies a file in, with the folders on its way.</summary>
    public string Copy(string source, params string[] parts)
    {
        string path = this[parts];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Copy(source, path);
        return path;
    }

    /// <summary>Copies a folder in, with all that is in it, under a name.</summary>
    public void CopyFolder(string source, string name)
    {
        foreach (string file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
            Copy(file, [name, .. Path.GetRelativePath(source, file).Split(Path.DirectorySeparatorChar)]);
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
