namespace Titok.Vulkan.Files;

/// <summary>The names of files that are not yet whole.</summary>
internal static class TemporaryName
{
    /// <summary>
    /// A hidden name that nobody else has, in the same folder: a file can be renamed from it to its place in one go. It is short
    /// whatever the place is called, whose name may be as long as the file system takes.
    /// </summary>
    public static string Beside(string fullPath) =>
        Path.Combine(Path.GetDirectoryName(fullPath) ?? fullPath, $".titok-{Path.GetRandomFileName()}.partial");
}
