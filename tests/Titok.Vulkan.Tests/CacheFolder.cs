using System.Runtime.CompilerServices;

namespace Titok.Vulkan.Tests;

/// <summary>
/// A folder of the run's own for what is found out about devices and kept on disk: tests neither read nor leave anything in that of
/// whoever runs them. The programs that tests start have it too.
/// </summary>
internal static class CacheFolder
{
    [ModuleInitializer]
    internal static void Make()
    {
        string folder = Directory.CreateTempSubdirectory("titok-tests-").FullName;
        Environment.SetEnvironmentVariable("XDG_CACHE_HOME", folder);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Delete(folder);
    }

    private static void Delete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A program that a test has ended may still write there. It is among the temporary files.
        }
    }
}
