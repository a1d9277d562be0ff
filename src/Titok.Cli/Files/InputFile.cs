namespace Titok.Cli.Files;

/// <summary>Reads files that a user named.</summary>
internal static class InputFile
{
    public static byte[] ReadAll(string path, long maxLengthInBytes)
    {
        try
        {
            long length = new FileInfo(path).Length;
            if (length > maxLengthInBytes)
                throw new CommandException($"{path}: is {length} bytes long; at most {maxLengthInBytes} are read");
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{path}: cannot be read: {e.Message}", e);
        }
    }
}
