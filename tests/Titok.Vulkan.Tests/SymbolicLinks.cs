using Titok.Vulkan.Tests.Checkpoints;

namespace Titok.Vulkan.Tests;

/// <summary>Links to files and folders, which Windows makes for some users only.</summary>
internal static class SymbolicLinks
{
    private static readonly string? s_trouble = Try();

    public static void Require() => Assert.SkipWhen(s_trouble is not null, $"no symbolic links can be made: {s_trouble}");

    private static string? Try()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["file"], "read");
        try
        {
            File.CreateSymbolicLink(folder["link"], folder["file"]);
            return File.ReadAllText(folder["link"]) == "read" ? null : "they do not lead to their file";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }
}
