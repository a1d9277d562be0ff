using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Titok.Vulkan.Tests.Gpu;

/// <summary>What the process has in memory, for tests that look whether it grows.</summary>
internal static partial class ResidentMemory
{
    /// <summary>Bytes, without what allocators have got back and only keep for the next time, which depends on how threads took turns.</summary>
    public static long Measure()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        try
        {
            if (OperatingSystem.IsLinux())
                _ = TrimHeap(0);
        }
        catch (EntryPointNotFoundException)
        {
            // Only glibc has it.
        }
        using Process self = Process.GetCurrentProcess();
        return self.WorkingSet64;
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int TrimHeap(nuint keep);
}
