namespace Titok.Pictures;

/// <summary>A file that cannot be read or written as asked. Its message is one clear line that names the file.</summary>
internal sealed class FileException(string message, Exception? cause = null) : Exception(message, cause);
