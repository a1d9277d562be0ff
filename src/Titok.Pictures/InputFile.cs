using Titok.Vulkan.Files;

namespace Titok.Pictures;

/// <summary>Reads files that a user named.</summary>
internal static class InputFile
{
    private const int ChunkInBytes = 1 << 16;

    /// <summary>The whole file, which is neither empty nor longer than <paramref name="maxLengthInBytes"/>.</summary>
    public static byte[] ReadAll(string path, long maxLengthInBytes)
    {
        if (Directory.Exists(path))
            throw new FileException($"{path}: is a folder, expected a file");
        byte[] content;
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            content = Read(file, path, maxLengthInBytes);
        }
        catch (Exception e) when (FileErrors.Is(e))
        {
            throw new FileException($"{path}: can't be read: {FileErrors.Describe(e)}", e);
        }
        return content.Length != 0 ? content : throw new FileException($"{path}: is empty");
    }

    private static byte[] Read(FileStream file, string path, long maxLengthInBytes)
    {
        // A length is only a promise: pipes and devices have none and may go on for ever.
        if (file.CanSeek && file.Length > maxLengthInBytes)
            throw TooLong(path, maxLengthInBytes);
        using var content = new MemoryStream(file.CanSeek ? (int)Math.Min(file.Length, int.MaxValue / 2) : 0);
        byte[] chunk = new byte[ChunkInBytes];
        for (int read; (read = file.Read(chunk)) != 0;)
        {
            if (content.Length + read > maxLengthInBytes)
                throw TooLong(path, maxLengthInBytes);
            content.Write(chunk, 0, read);
        }
        return content.Length == content.Capacity ? content.GetBuffer() : content.ToArray();
    }

    private static FileException TooLong(string path, long maxLengthInBytes) =>
        new($"{path}: is longer than the {maxLengthInBytes >> 20} MiB that are read");
}
