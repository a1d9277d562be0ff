using System.Globalization;
using SkiaSharp;
using Titok.Demo.Graphics;
using Titok.Demo.Scene;
using Titok.Pictures;
using Titok.Vulkan;

namespace Titok.Demo.Saving;

/// <summary>Saves pictures, the wall and the births of pictures into files, away from the frames.</summary>
/// <param name="folder">Where they go.</param>
/// <param name="model">For labels and requests.</param>
/// <param name="ran">The generator as it runs.</param>
/// <param name="reader">Reads pictures back from the device.</param>
/// <param name="say">Tells what became of it; called on the thread of the frames.</param>
internal sealed class Keepsakes(string folder, TitokModelInfo model, TitokGeneratorInfo ran, PictureReader reader, Action<string> say)
{
    private const int BirthScale = 4, LeastSide = 256, MaxTexels = 96, LastFrameInMilliseconds = 2500, FrameInMilliseconds = 180;
    private readonly List<Task<string>> _saving = [];
    private readonly Lock _naming = new();
    private readonly int _size = model.Tokenizer!.ImageSize;

    /// <summary>Whether all that was to be saved is saved and told of.</summary>
    public bool IsIdle => _saving.Count == 0;

    /// <summary>A PNG that carries the request that makes it again.</summary>
    public void SavePicture(WallPicture picture)
    {
        Story story = picture.Story!;
        reader.Read([picture.Tile.NewestLayer], pixels => Save(
            Name(story, "png"), stream => stream.Write(PictureFile.ToPng(pixels[0], _size, _size, RequestText.Of(Request(story), model, ran, 0)))));
    }

    /// <summary>A PNG of a picture that no request makes.</summary>
    public void SavePicture(string picture, Tile tile) => reader.Read([tile.NewestLayer], pixels => Save(
        Name(picture, "png"), stream => stream.Write(PictureFile.ToPng(pixels[0], _size, _size, new Dictionary<string, string>()))));

    /// <summary>All pictures in one PNG.</summary>
    public void SaveWall(IReadOnlyList<WallPicture> pictures)
    {
        if (pictures.Count == 0)
            return;
        reader.Read([.. pictures.Select(p => p.Tile.NewestLayer)], pixels => Save("titok-grid.png", stream =>
        {
            (byte[] sheet, int width, int height) = Sheet.Arrange(pixels, _size);
            stream.Write(PictureFile.ToPng(sheet, width, height, new Dictionary<string, string>()));
        }));
    }

    /// <summary>An animated PNG of the picture after each step.</summary>
    /// <returns>To be told of each step's picture and its layer, in the frame that makes it.</returns>
    public Action<int, int> RecordBirth(Story story)
    {
        var frames = new List<byte[]>();
        int side = _size >= LeastSide ? _size : _size * BirthScale;
        return (_, layer) => reader.Read([layer], pixels =>
        {
            frames.Add(Enlarge(pixels[0], side));
            if (frames.Count != story.Settings.Steps)
                return;
            int[] times = [.. Enumerable.Repeat(FrameInMilliseconds, frames.Count - 1), LastFrameInMilliseconds];
            Save(Name(story, "steps.png"), stream => AnimatedPng.Write(stream, frames, side, side, times));
        });
    }

    /// <summary>Waits until everything is written, or could not be.</summary>
    public void Finish() => Task.WhenAll(_saving).ContinueWith(_ => { }, TaskScheduler.Default).Wait();

    /// <summary>Tells what has been saved, or why not.</summary>
    public void Report()
    {
        for (int i = _saving.Count - 1; i >= 0; i--)
        {
            if (!_saving[i].IsCompleted)
                continue;
            say(_saving[i].Exception is { } failed ? failed.InnerException!.Message : $"saved {_saving[i].Result} in {Path.GetFullPath(folder)}");
            _saving.RemoveAt(i);
        }
    }

    private static GenerationRequest Request(Story story) => new()
    {
        Classes = [story.Class],
        Seed = story.Seed,
        Settings = story.Settings,
        KnownTokens = story.Known.All(id => id == Story.Masked) ? null : story.Known,
    };

    private string Name(Story story, string ending)
    {
        string label = story.Class < model.Labels.Count ? model.Labels[story.Class].Split(',')[0] : $"class {story.Class}";
        return Name($"{label}-{story.Seed.ToString(CultureInfo.InvariantCulture)}", ending);
    }

    private static string Name(string picture, string ending) =>
        $"titok-{string.Concat(picture.Trim().Select(c => char.IsLetterOrDigit(c) ? c : '-'))}.{ending}";

    private void Save(string name, Action<Stream> write) => _saving.Add(Task.Run(() =>
    {
        // One after another, so that no two take the same name.
        lock (_naming)
        {
            string path = Unused(name);
            using var files = new OutputFiles();
            files.Add(path, write);
            files.Commit();
            return Path.GetFileName(path);
        }
    }));

    /// <summary>A name that no file has yet: nothing saved is written over.</summary>
    private string Unused(string name)
    {
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        string path = Path.Combine(folder, name);
        for (int number = 2; File.Exists(path); number++)
            path = Path.Combine(folder, $"{name[..dot]}-{number}{name[dot..]}");
        return path;
    }

    /// <summary>As on the screen, a picture of few pixels keeps them, and a larger one is smooth.</summary>
    private byte[] Enlarge(byte[] rgba, int side)
    {
        if (side == _size)
            return rgba;
        using SKData data = SKData.CreateCopy(rgba);
        using SKImage image = SKImage.FromPixels(new SKImageInfo(_size, _size, SKColorType.Rgba8888, SKAlphaType.Opaque), data, 4 * _size);
        using var large = new SKBitmap(new SKImageInfo(side, side, SKColorType.Rgba8888, SKAlphaType.Opaque));
        image.ScalePixels(large.PeekPixels(), _size <= MaxTexels ? new SKSamplingOptions(SKFilterMode.Nearest) : new SKSamplingOptions(SKCubicResampler.CatmullRom));
        return large.GetPixelSpan().ToArray();
    }
}
