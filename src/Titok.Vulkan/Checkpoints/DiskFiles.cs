using Titok.Vulkan.Files;

namespace Titok.Vulkan.Checkpoints;

/// <summary>Files of the operating system, with what it says of them turned into the one typed error.</summary>
internal sealed class DiskFiles : IModelFiles
{
    private DiskFiles()
    {
    }

    public static DiskFiles Instance { get; } = new();

    /// <summary>The files given, or where there are none these.</summary>
    public static IModelFiles Unless(IModelFiles? given) => given ?? Instance;

    public bool HasFile(string path) => Attributes(path) is { } attributes && !attributes.HasFlag(FileAttributes.Directory);

    public bool HasFolder(string path) => Attributes(path) is { } attributes && attributes.HasFlag(FileAttributes.Directory);

    public string Join(string folder, string name) => Path.Combine(folder, name);

    public string FolderOf(string file) => Path.GetDirectoryName(Path.GetFullPath(file))!;

    public ByteSource Open(string file) => Try(file, () => new MappedByteSource(file));

    public byte[] ReadSmall(string file, int maxLengthInBytes) => Try(file, () =>
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read);
        if (stream.Length > maxLengthInBytes)
            throw ModelFormatException.TooLong(file, stream.Length, maxLengthInBytes);
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    });

    /// <summary>Null where nothing is there. What is in a folder that may not be entered is not taken to be missing.</summary>
    private static FileAttributes? Attributes(string path)
    {
        try
        {
            return File.GetAttributes(path);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new ModelFormatException(path, "can't be looked at (permission denied)", e);
        }
        catch (Exception e) when (FileErrors.Is(e))
        {
            return null;
        }
    }

    private static T Try<T>(string path, Func<T> open)
    {
        // Opening a pipe would wait for whoever writes to it, and weights are not read from its beginning to its end.
        if (SpecialFile.Is(path))
            throw new ModelFormatException(path, "is a pipe or a device, expected a file");
        try
        {
            return open();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ModelFormatException(path, "there is no such file", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new ModelFormatException(path, Directory.Exists(path) ? "expected a file, but this is a folder" : "this file may not be read (permission denied)", e);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or ArgumentException or NotSupportedException)
        {
            throw new ModelFormatException(path, $"can't be read: {e.Message}", e);
        }
    }
}
