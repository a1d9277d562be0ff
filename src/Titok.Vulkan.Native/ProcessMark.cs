using System.Runtime.InteropServices;

namespace Titok.Vulkan.Native;

/// <summary>
/// The mark that the first copy of the library leaves in a process, where every other copy, from another file, finds it:
/// on Windows in the environment, elsewhere a file in memory that is never closed. The C library's environment would do there
/// as well, were it not that other threads may read it at any time, which goes wrong while it is written.
/// </summary>
internal static unsafe partial class ProcessMark
{
    private const string Name = "TITOK_LIBRARY_IN_PROCESS";

    /// <summary>No program that the process starts inherits the file.</summary>
    private const uint CloseOnExec = 1;

    /// <summary>An address in this copy: no other copy has it.</summary>
    private static string Own => $"{(nint)(delegate*<bool>)&TryLeave:x}";

    /// <summary>Leaves this copy's mark.</summary>
    /// <returns>Whether it is there, and no other copy's.</returns>
    public static bool TryLeave()
    {
        if (OperatingSystem.IsWindows())
            return TryLeaveInEnvironment();
        string prefix = $"/memfd:{Name}:";
        foreach (string mark in OpenFiles().Where(target => target.StartsWith(prefix, StringComparison.Ordinal)))
            return mark.StartsWith($"{prefix}{Own} ", StringComparison.Ordinal);
        try
        {
            _ = CreateMemoryFile($"{Name}:{Own}", CloseOnExec);
        }
        catch (EntryPointNotFoundException)
        {
            // Not a Linux: there is no mark then, which the library itself can do without.
        }
        return true;
    }

    private static bool TryLeaveInEnvironment()
    {
        // A child process inherits the environment, so the mark names the process.
        string prefix = $"{Environment.ProcessId}:", own = prefix + Own;
        if (Environment.GetEnvironmentVariable(Name) is { } mark && mark.StartsWith(prefix, StringComparison.Ordinal) && mark != own)
            return false;
        Environment.SetEnvironmentVariable(Name, own);
        return true;
    }

    /// <summary>What the process's file descriptors stand for.</summary>
    private static IEnumerable<string> OpenFiles()
    {
        string[] descriptors;
        try
        {
            descriptors = Directory.GetFiles("/proc/self/fd");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            yield break;
        }
        foreach (string descriptor in descriptors)
        {
            string? target = null;
            try
            {
                target = new FileInfo(descriptor).LinkTarget;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Closed since.
            }
            if (target is not null)
                yield return target;
        }
    }

    [LibraryImport("libc", EntryPoint = "memfd_create", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int CreateMemoryFile(string name, uint flags);
}
