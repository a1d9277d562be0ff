using System.Runtime.InteropServices;

namespace Titok.Vulkan.Files;

/// <summary>Pipes, sockets and devices that have a name, which .NET shows as files like any other. On Linux; elsewhere none is known.</summary>
internal static partial class SpecialFile
{
    // struct statx is the same on all architectures.
    private const int LengthInBytes = 256, ModeOffset = 28;
    private const int CurrentFolder = -100;
    private const uint OnlyType = 1;
    private const int TypeMask = 0xf000, Folder = 0x4000, Regular = 0x8000;

    /// <summary>Whether a path leads to something that is neither a file nor a folder. Nothing is opened, which a pipe's reader would notice.</summary>
    public static bool Is(string path)
    {
        if (!OperatingSystem.IsLinux())
            return false;
        Span<byte> status = stackalloc byte[LengthInBytes];
        try
        {
            if (Status(CurrentFolder, path, 0, OnlyType, ref MemoryMarshal.GetReference(status)) != 0)
                return false;
        }
        catch (EntryPointNotFoundException)
        {
            // A C library from before 2018.
            return false;
        }
        return (MemoryMarshal.Read<ushort>(status[ModeOffset..]) & TypeMask) is not (Folder or Regular);
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Status(int folder, string path, int flags, uint mask, ref byte status);
}
