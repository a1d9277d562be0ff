namespace Titok.Vulkan.Files;

/// <summary>Writes a file under a temporary name beside its place and renames it, so that it is there whole or not at all.</summary>
internal static class AtomicFile
{
    public static void Write(string path, Action<Stream> write)
    {
        string fullPath = Path.GetFullPath(path);
        string temporary = TemporaryName.Beside(fullPath);
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, fullPath, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CantWrite(path, e);
        }
        finally
        {
            // Gone already when all went well, and deleting what isn't there is no error, unless its folder isn't either.
            if (File.Exists(temporary))
                File.Delete(temporary);
        }
    }

    /// <summary>What is wrong with the place that was asked for, whatever name is on the way to it.</summary>
    public static TitokException CantWrite(string path, Exception cause) => new($"{path}: can't be written: {FileErrors.DescribeWriting(cause)}", cause);
}
