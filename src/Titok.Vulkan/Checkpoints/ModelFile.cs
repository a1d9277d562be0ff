namespace Titok.Vulkan.Checkpoints;

/// <summary>Opening files, with what the operating system says turned into the one typed error.</summary>
internal static class ModelFile
{
    public static T Try<T>(string path, Func<T> open)
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

    /// <summary>Reads a small file whole, refusing one that is too large to be what it should be.</summary>
    public static byte[] ReadSmall(string path, int maxLengthInBytes) => Try(path, () =>
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        if (stream.Length > maxLengthInBytes)
            throw new ModelFormatException(path, $"is {stream.Length} bytes long, expected at most {maxLengthInBytes}");
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    });
}
