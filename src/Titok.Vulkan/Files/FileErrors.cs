namespace Titok.Vulkan.Files;

/// <summary>What the operating system says about a file, in words, and without the temporary names that nobody typed.</summary>
internal static class FileErrors
{
    private const int DiskFullOnUnix = 28, DiskFullOnWindows = unchecked((int)0x80070070);
    private const int ReadOnlyOnUnix = 30;
    private const int InvalidNameOnWindows = unchecked((int)0x8007007b);

    /// <summary>Whether the operating system, or a name that it can't take, is what went wrong.</summary>
    public static bool Is(Exception e) => e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException;

    public static string Describe(Exception e) => e switch
    {
        FileNotFoundException => "there is no such file",
        DirectoryNotFoundException => "there is no such folder",
        PathTooLongException => "the name is too long",
        UnauthorizedAccessException => "permission denied",
        _ => e.HResult switch
        {
            DiskFullOnUnix or DiskFullOnWindows => "the disk is full",
            ReadOnlyOnUnix => "the disk is read-only",
            // Which does not say whether it is too long or has a character that no name may have.
            InvalidNameOnWindows => "Windows takes no such name",
            // "No such device : '/some/.temporary'": the part in front is what matters.
            _ => e.Message.Split(" : '", 2)[0],
        },
    };

    /// <summary>The same for a file that was to be made, which can't be missing.</summary>
    public static string DescribeWriting(Exception e) => e is FileNotFoundException ? "no file can be made there" : Describe(e);
}
