using Titok.Vulkan.Files;

namespace Titok.Pictures;

/// <summary>
/// The files of one command. Each is written under a temporary name beside its place, and none is renamed before all are
/// written: work that fails leaves nothing. Only a device or pipe gets its bytes at once. A link stays, and what it leads to is
/// written; a file that is replaced leaves its permissions to the new one.
/// </summary>
internal sealed class OutputFiles : IDisposable
{
    /// <summary>As many as Linux follows.</summary>
    private const int MaxLinks = 40;

    private readonly List<(string Temporary, string Place)> _written = [];
    private readonly HashSet<string> _places = [];
    private string? _newFolder;

    /// <summary>Refuses a place where a file could not be made, before any work is done for it.</summary>
    public static void RequirePlace(string path)
    {
        string full = Resolve(path);
        if (IsDevice(full))
            return;
        RequireNoFolder(path, full);
        Try(path, () =>
        {
            RequireShortEnough(full);
            new FileStream(TemporaryName.Beside(full), FileMode.Create, FileAccess.Write, FileShare.None, 0, FileOptions.DeleteOnClose).Dispose();
        });
    }

    /// <summary>The same for a folder, which may be there or is to be made.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="otherwise">What else may be named instead, for who named a file.</param>
    public static void RequireFolderPlace(string path, string otherwise = "")
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (File.Exists(full))
            throw new FileException($"{path}: is a file, expected a folder{otherwise}");
        RequirePlace(Directory.Exists(full) ? Path.Combine(path, "0000.png") : path);
    }

    public void AddFolder(string path)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (Directory.Exists(full))
            return;
        Try(path, () => Directory.CreateDirectory(full));
        _newFolder = full;
    }

    public void Add(string path, Action<Stream> write)
    {
        string full = Resolve(path);
        RequireNoFolder(path, full);
        if (IsDevice(full))
        {
            Try(path, () =>
            {
                using var device = new FileStream(full, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
                write(device);
            });
            return;
        }
        if (!_places.Add(full))
            throw new FileException($"{path}: would be written twice");
        string temporary = TemporaryName.Beside(full);
        _written.Add((temporary, full));
        Try(path, () =>
        {
            using FileStream stream = CreateLike(full, temporary);
            write(stream);
            stream.Flush(flushToDisk: true);
        });
    }

    /// <summary>Puts everything in its place, file by file: where one cannot be renamed after all, those before it stay.</summary>
    public void Commit()
    {
        foreach ((string temporary, string place) in _written)
            Try(place, () => File.Move(temporary, place, overwrite: true));
        _written.Clear();
        _newFolder = null;
    }

    /// <summary>Takes away what was not committed.</summary>
    public void Dispose()
    {
        try
        {
            foreach ((string temporary, _) in _written)
                File.Delete(temporary);
            if (_newFolder is { } folder && !Directory.EnumerateFileSystemEntries(folder).Any())
                Directory.Delete(folder);
        }
        catch (Exception e) when (FileErrors.Is(e))
        {
            // The first error is the one to tell.
        }
    }

    /// <summary>Whether it can't be replaced by renaming a file, and must not be: a device or pipe.</summary>
    public static bool IsDevice(string path)
    {
        string full = Path.GetFullPath(path);
        return (full.StartsWith("/dev/", StringComparison.Ordinal) && !full.StartsWith("/dev/shm/", StringComparison.Ordinal) && File.Exists(full))
            || full.StartsWith("/proc/self/fd/", StringComparison.Ordinal)
            || SpecialFile.Is(full);
    }

    /// <summary>Where a path leads: no link is left on the way, and a device stays under its own name.</summary>
    public static string Resolve(string path) => Resolve(path, MaxLinks);

    private static string Resolve(string path, int linksLeft)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (IsDevice(full) || Path.GetDirectoryName(full) is not { } parent)
            return full;
        string folder = Resolve(parent, linksLeft), there = Path.Combine(folder, Path.GetFileName(full));
        // Links in a circle lead nowhere; what is done with such a path is refused by the system.
        return linksLeft != 0 && new FileInfo(there).LinkTarget is { } target ? Resolve(Path.Combine(folder, target), linksLeft - 1) : there;
    }

    /// <summary>A new file, with the permissions of the one that it is to replace, if there is one.</summary>
    private static FileStream CreateLike(string replaced, string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (OperatingSystem.IsWindows() || !File.Exists(replaced))
            return new FileStream(path, options);
        UnixFileMode mode = File.GetUnixFileMode(replaced);
        options.UnixCreateMode = mode;
        var file = new FileStream(path, options);
        // Which of them the umask took when it was created, it gets back.
        File.SetUnixFileMode(file.SafeFileHandle, mode);
        return file;
    }

    /// <summary>The temporary name can be made where the place's own is too long, which looking for it tells.</summary>
    private static void RequireShortEnough(string full)
    {
        try
        {
            File.GetAttributes(full);
        }
        catch (Exception e) when (e is not PathTooLongException && FileErrors.Is(e))
        {
            // What else there is to say of it, making a file says better.
        }
    }

    private static void RequireNoFolder(string path, string full)
    {
        if (Directory.Exists(full))
            throw new FileException($"{path}: is a folder, expected the name of a file");
    }

    private static void Try(string path, Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (FileErrors.Is(e))
        {
            throw new FileException($"{path}: can't be written: {FileErrors.DescribeWriting(e)}", e);
        }
    }
}
