namespace Titok.Vulkan.Tests;

/// <summary>The checkout that the tests were built in: a folder above them with the solution.</summary>
/// <remarks>Not where the compiler says that a source file was: a release build writes the same paths wherever it is made.</remarks>
internal static class SourceTree
{
    private static readonly string? s_root = Find();

    /// <summary>A folder or file of the checkout; skips the test where the tests run without one.</summary>
    public static string Require(string path)
    {
        Assert.SkipWhen(s_root is null, $"no folder above {AppContext.BaseDirectory} has the sources");
        return Path.Combine(s_root!, path);
    }

    private static string? Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Titok.Vulkan.sln")))
                return folder.FullName;
        }
        return null;
    }
}
