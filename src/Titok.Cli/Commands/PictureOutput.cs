using System.Globalization;
using Titok.Cli.Files;
using Titok.Cli.Pictures;

namespace Titok.Cli.Commands;

/// <summary>Pictures to the kind of file that the output's name asks for: a .png (a sheet if there are several), a .npy, or a folder.</summary>
internal static class PictureOutput
{
    private static readonly Dictionary<string, string> s_noTexts = [];

    /// <param name="path">Where to.</param>
    /// <param name="pictures">Planar [N, 3, S, S].</param>
    /// <param name="count">N.</param>
    /// <param name="size">S.</param>
    /// <param name="columns">Columns of a sheet; about as many as rows unless told.</param>
    /// <param name="texts">Texts for a picture, or for the sheet as a whole with null.</param>
    public static void Write(
        string path, ReadOnlySpan<float> pictures, int count, int size, int? columns = null,
        Func<int?, IReadOnlyDictionary<string, string>>? texts = null)
    {
        texts ??= _ => s_noTexts;
        int length = 3 * size * size;
        switch (Path.GetExtension(path).ToLowerInvariant())
        {
            case ".npy":
                float[] data = pictures.ToArray();
                OutputFile.Write(path, stream => NpyFile.Write(stream, data, count, 3, size, size));
                break;
            case ".png" when count == 1:
                PictureFile.WritePng(path, pictures, size, size, texts(0));
                break;
            case ".png":
                var (planar, width, height) = Sheet.Arrange(pictures, count, size, columns);
                PictureFile.WritePng(path, planar, width, height, texts(null));
                break;
            case "":
                CreateFolder(path);
                for (int index = 0; index < count; index++)
                {
                    string file = Path.Combine(path, string.Create(CultureInfo.InvariantCulture, $"{index:D4}.png"));
                    PictureFile.WritePng(file, pictures.Slice(index * length, length), size, size, texts(index));
                }
                break;
            default:
                throw new UsageException($"{path}: the output must be a .png, a .npy or a folder");
        }
        Console.WriteLine($"{path}: {count} picture{(count == 1 ? "" : "s")} of {size}×{size}");
    }

    private static void CreateFolder(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{path}: cannot be made: {e.Message}", e);
        }
    }
}
