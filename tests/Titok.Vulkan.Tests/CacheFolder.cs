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
        // Mesa keeps what it has compiled for a CPU there too, without which every program begins with half a minute of that on a busy machine.
        string? home = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (string.IsNullOrEmpty(home))
            home = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        if (OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable("MESA_SHADER_CACHE_DIR") is null)
            Environment.SetEnvironmentVariable("MESA_SHADER_CACHE_DIR", home);
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
