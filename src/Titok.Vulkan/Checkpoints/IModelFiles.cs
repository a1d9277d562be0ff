namespace Titok.Vulkan.Checkpoints;

/// <summary>Where a model's files are: on disk, or with the caller.</summary>
internal interface IModelFiles
{
    bool HasFile(string path);

    bool HasFolder(string path);

    /// <summary>The path of what a folder has under a name.</summary>
    string Join(string folder, string name);

    /// <summary>The folder that a file is in.</summary>
    string FolderOf(string file);

    /// <summary>A file's bytes, which the caller disposes of.</summary>
    /// <exception cref="ModelFormatException">There is no such file, or it can't be read.</exception>
    ByteSource Open(string file);

    /// <summary>Reads a small file whole, refusing one that is too large to be what it should be.</summary>
    /// <exception cref="ModelFormatException">There is no such file, or it can't be read, or is larger.</exception>
    byte[] ReadSmall(string file, int maxLengthInBytes);
}
