namespace Titok.Vulkan.Files;

/// <summary>The names of files that are not yet whole.</summary>
internal static class TemporaryName
{
    /// <summary>A hidden name that nobody else has, in the same folder: a file can be renamed from it to its place in one go.</summary>
    public static string Beside(string fullPath) =>
        Path.Combine(Path.GetDirectoryName(fullPath) ?? fullPath, $".{Path.GetFileName(fullPath)}.{Path.GetRandomFileName()}.partial");
}
