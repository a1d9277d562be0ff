using System.Globalization;
using Titok.Cli.Options;
using Titok.Pictures;

namespace Titok.Cli.Files;

/// <summary>Pictures to the kind of file that the output's name asks for: a .png (a sheet if there are several), a .npy, or a folder.</summary>
internal static class PictureOutput
{
    private const int MaxOnASheet = 1024;

    private static readonly Dictionary<string, string> s_noTexts = [];

    private enum Form
    {
        Png,
        Npy,
        Folder,
    }

    /// <summary>Refuses a name or place that can't hold so many pictures of S×S, before any work is done for them.</summary>
    public static void Require(string path, long count, int size)
    {
        Form form = FormOf(path);
        PictureCount.Require(count, size);
        if (form == Form.Png && count > MaxOnASheet)
            throw new UsageException($"{path}: {count} images are too many for a sheet; name a folder or a .npy");
        if (form == Form.Folder)
            OutputFiles.RequireFolderPlace(path, ", or a name that ends in .png or .npy");
        else
            OutputFiles.RequirePlace(path);
    }

    /// <summary>The files that so many pictures become.</summary>
    public static IEnumerable<string> Places(string path, int count) =>
        FormOf(path) == Form.Folder ? Enumerable.Range(0, count).Select(index => InFolder(path, index)) : [path];

    /// <param name="files">Where the files are put together.</param>
    /// <param name="path">Where to.</param>
    /// <param name="pictures">Planar [N, 3, S, S].</param>
    /// <param name="count">N.</param>
    /// <param name="size">S.</param>
    /// <param name="columns">Columns of a sheet; about as many as rows unless told.</param>
    /// <param name="texts">Texts for a picture, or for the sheet as a whole with null.</param>
    public static void Write(
        OutputFiles files, string path, float[] pictures, int count, int size, int? columns = null,
        Func<int?, IReadOnlyDictionary<string, string>>? texts = null)
    {
        texts ??= _ => s_noTexts;
        int length = 3 * size * size;
        switch (FormOf(path))
        {
            case Form.Npy:
                files.Add(path, stream => NpyFile.Write(stream, pictures, count, 3, size, size));
                break;
            case Form.Png when count == 1:
                Add(path, PictureFile.ToPng(pictures, size, size, texts(0)));
                break;
            case Form.Png:
                var (planar, width, height) = Sheet.Arrange(pictures, count, size, columns);
                Add(path, PictureFile.ToPng(planar, width, height, texts(null)));
                break;
            default:
                files.AddFolder(path);
                for (int index = 0; index < count; index++)
                    Add(InFolder(path, index), PictureFile.ToPng(pictures.AsSpan(index * length, length), size, size, texts(index)));
                break;
        }

        void Add(string file, byte[] content) => files.Add(file, stream => stream.Write(content));
    }

    /// <summary>Says what was made, when it is in its place.</summary>
    public static void Announce(string path, int count, int size)
    {
        if (!OutputFiles.IsDevice(path))
            Console.WriteLine($"{path}: {count} image{(count == 1 ? "" : "s")} of {size}×{size}");
    }

    private static string InFolder(string folder, int index) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{index:D4}.png"));

    private static Form FormOf(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".png" => Form.Png,
        ".npy" => Form.Npy,
        "" => Form.Folder,
        _ when Directory.Exists(path) => Form.Folder,
        _ => throw new UsageException($"--output must be a .png, a .npy or a folder, not '{path}'"),
    };
}
