using Titok.Vulkan.Checkpoints;

namespace Titok.Vulkan;

/// <summary>
/// A model's files, as a game's archive or an embedded resource holds them, to load a model from where there is no folder on
/// disk: for <see cref="TitokLoadOptions.Files"/> and <see cref="TitokModelInfo"/>.
/// </summary>
/// <remarks>
/// Names are those that the files have in a model folder, with slashes: tokenizer/config.json, tokenizer/model.safetensors,
/// generator/config.json, generator/model.safetensors, classes.txt, presets.json. Paths are looked up among them, and the
/// empty path is what holds them all. Nothing is copied: contents must stay as they are, and readers work, until what reads them
/// has returned.
/// </remarks>
public sealed class TitokModelFiles : IModelFiles
{
    private readonly Dictionary<string, Content> _contents = [];

    /// <summary>Adds a file.</summary>
    /// <param name="name">Its name, with slashes.</param>
    /// <param name="content">Its bytes.</param>
    /// <returns>These files.</returns>
    /// <exception cref="ArgumentException">The name is no relative path with slashes, or is there already.</exception>
    public TitokModelFiles Add(string name, ReadOnlyMemory<byte> content)
    {
        Add(name, new Content(_ => new MemoryByteSource(content), content.Length));
        return this;
    }

    /// <summary>Adds a file of memory that is not .NET's: a mapped archive, or one that is larger than an array can be.</summary>
    /// <param name="name">Its name, with slashes.</param>
    /// <param name="content">Address of its bytes.</param>
    /// <param name="sizeInBytes">How many there are.</param>
    /// <returns>These files.</returns>
    /// <exception cref="ArgumentException">The name is no relative path with slashes, or is there already; or the address is null.</exception>
    public TitokModelFiles Add(string name, nint content, long sizeInBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeInBytes);
        if (content == 0 && sizeInBytes != 0)
            throw new ArgumentException($"'{name}' has {sizeInBytes} bytes at null.", nameof(content));
        Add(name, new Content(_ => new AddressByteSource(content, sizeInBytes), sizeInBytes));
        return this;
    }

    /// <summary>Adds a file that is read part by part, so that it is never in memory as a whole.</summary>
    /// <param name="name">Its name, with slashes.</param>
    /// <param name="sizeInBytes">How many bytes there are.</param>
    /// <param name="read">Reads them.</param>
    /// <returns>These files.</returns>
    /// <exception cref="ArgumentException">The name is no relative path with slashes, or is there already; or the size is negative.</exception>
    public TitokModelFiles Add(string name, long sizeInBytes, TitokFileReader read)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeInBytes);
        ArgumentNullException.ThrowIfNull(read);
        Add(name, new Content(file => new ReaderByteSource(file, sizeInBytes, read), sizeInBytes));
        return this;
    }

    bool IModelFiles.HasFile(string path) => _contents.ContainsKey(Plain(path));

    bool IModelFiles.HasFolder(string path)
    {
        string plain = Plain(path);
        return plain.Length == 0 || _contents.Keys.Any(name => name.StartsWith(plain + '/', StringComparison.Ordinal));
    }

    string IModelFiles.Join(string folder, string name) => Plain(folder) is { Length: > 0 } plain ? $"{plain}/{name}" : name;

    string IModelFiles.FolderOf(string file)
    {
        string plain = Plain(file);
        return plain[..Math.Max(plain.LastIndexOf('/'), 0)];
    }

    ByteSource IModelFiles.Open(string file) => Require(file).Open(file);

    byte[] IModelFiles.ReadSmall(string file, int maxLengthInBytes)
    {
        Content content = Require(file);
        if (content.LengthInBytes > maxLengthInBytes)
            throw ModelFormatException.TooLong(file, content.LengthInBytes, maxLengthInBytes);
        using ByteSource source = content.Open(file);
        return source.Slice(0, (int)source.LengthInBytes).ToArray();
    }

    private void Add(string name, Content content)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Split('/').Any(part => part is "" or "." or "..") || name.Contains('\\'))
            throw new ArgumentException($"'{name}' is not the name of a file in a model folder, expected one such as tokenizer/config.json.", nameof(name));
        if (!_contents.TryAdd(name, content))
            throw new ArgumentException($"'{name}' is there already.", nameof(name));
    }

    /// <summary>A path without what means nothing in it: slashes at its end, and this folder at its beginning.</summary>
    private static string Plain(string path)
    {
        path = path.TrimEnd('/');
        while (path.StartsWith("./", StringComparison.Ordinal))
            path = path[2..].TrimStart('/');
        return path == "." ? "" : path;
    }

    private Content Require(string file) =>
        _contents.TryGetValue(Plain(file), out Content content) ? content : throw new ModelFormatException(file, "there is no such file");

    /// <summary>What opens a file, given the path that it was looked up by, and how many bytes it has.</summary>
    private readonly record struct Content(Func<string, ByteSource> Open, long LengthInBytes);
}
