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

    public bool HasFile(string path) => File.Exists(path);

    public bool HasFolder(string path) => Directory.Exists(path);

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

    private static T Try<T>(string path, Func<T> open)
    {
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
