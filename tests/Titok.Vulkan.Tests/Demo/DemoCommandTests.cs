using System.Text.Json;
using SkiaSharp;
using Titok.Demo.Drawing;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Tests.Checkpoints;
using Titok.Vulkan.Tests.Cli;

namespace Titok.Vulkan.Tests.Demo;

/// <summary><c>titok demo</c> without a display, and where it cannot be.</summary>
public sealed class DemoCommandTests(WindowTests.SmallModel model) : IClassFixture<WindowTests.SmallModel>, IDisposable
{
    private static readonly Dictionary<string, string?> s_noDisplay = new() { ["DISPLAY"] = null, ["WAYLAND_DISPLAY"] = null, ["TITOK_VALIDATION"] = "1" };

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void FramesAreTheSameEveryTimeAndPicturesAppear()
    {
        const int frames = 24;
        string statistics = _folder["stats.json"];
        foreach (string run in new[] { "a", "b" })
        {
            TitokProcess.Run(s_noDisplay, "demo", "--model", model.Folder, "--size", "640x480", "--pictures", "4", "--seed", "3", "--frames", $"{frames}", "--capture", _folder[run], "--stats", statistics).AssertDone();
        }
        string[] names = [.. Directory.GetFiles(_folder["a"]).Select(p => Path.GetFileName(p)!).Order()];
        Assert.Equal(Enumerable.Range(0, frames).Select(i => $"{i:0000}.png"), names);
        // The numbers in the panel are measured, so they may differ; the pictures may not.
        foreach (string name in names)
            Assert.Equal(Stage(_folder["a", name]), Stage(_folder["b", name]));
        Assert.NotEqual(Stage(_folder["a", names[0]]), Stage(_folder["a", names[^1]]));
        using JsonDocument measured = JsonDocument.Parse(File.ReadAllText(statistics));
        AssertValid(measured.RootElement);
        Assert.True(measured.RootElement.GetProperty("steps").GetInt64() > 4);
    }

    /// <summary>In real time, without a window: a frame a tick at the most, and work in slices beside them.</summary>
    [Fact]
    public void TheClockPacesFramesWithoutACapture()
    {
        // Frames count from the first picture on, which may take a slow machine more than the first run's.
        JsonElement root;
        int frames = 90;
        for (; (root = Run(frames)).GetProperty("frames").GetInt64() == 0; frames *= 4)
            Assert.True(frames < 5000, $"no picture in {frames} frames");
        Assert.Equal(60, root.GetProperty("refresh_hz").GetDouble());
        Assert.InRange(root.GetProperty("frames").GetInt64(), 1, frames);
        // The clock may wake late and then in time, but never twice in one tick.
        Assert.InRange(root.GetProperty("frames_per_second").GetDouble(), 1, 61);
        Assert.True(root.GetProperty("seconds").GetDouble() >= 1.4);
        Assert.True(root.GetProperty("steps").GetInt64() > 4);
        AssertValid(root);

        JsonElement Run(int frames)
        {
            string statistics = _folder["stats.json"];
            TitokProcess.Run(s_noDisplay, "demo", "--model", model.Folder, "--size", "640x480", "--pictures", "4", "--frames", $"{frames}", "--stats", statistics).AssertDone();
            using JsonDocument measured = JsonDocument.Parse(File.ReadAllText(statistics));
            return measured.RootElement.Clone();
        }
    }

    /// <summary>A chequered picture of the model's 64×64 pixels, brought along: black and white stay apart, in the same film every time.</summary>
    [Fact]
    public void APictureOfFewPixelsIsShownAsPixels()
    {
        string picture = _folder["chequered.png"];
        using (var bitmap = new SKBitmap(new SKImageInfo(64, 64, SKColorType.Rgba8888, SKAlphaType.Opaque)))
        {
            for (int i = 0; i < 64 * 64; i++)
                bitmap.SetPixel(i % 64, i / 64, (i % 64 + i / 64) % 2 == 0 ? SKColors.Black : SKColors.White);
            using SKData png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
            File.WriteAllBytes(picture, png.ToArray());
        }
        foreach (string run in new[] { "a", "b" })
            TitokProcess.Run(s_noDisplay, "demo", picture, "--model", model.Folder, "--size", "640x480", "--frames", "20", "--capture", _folder[run]).AssertDone();
        foreach (string name in Directory.GetFiles(_folder["a"]).Select(p => Path.GetFileName(p)!))
            Assert.Equal(Stage(_folder["a", name]), Stage(_folder["b", name]));

        using SKBitmap last = Png.Bitmap(_folder["a", "0019.png"]);
        Box tile = new Layout(640, 480, 1, showsPanel: true).Grid(2)[0];
        int plain = 0, all = 0;
        for (int y = (int)tile.Top + 10; y < tile.Top + tile.Height / 2; y++)
        {
            for (int x = (int)tile.Left + 10; x < tile.Right - 10; x++, all++)
                plain += last.GetPixel(x, y).Green is < 40 or > 215 ? 1 : 0;
        }
        Assert.True(plain > 0.55 * all, $"{100.0 * plain / all:0} % of its pixels are black or white");
    }

    [Fact]
    public void WithoutADisplayItSaysSo()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows always has a display");
        TitokProcess.Run(s_noDisplay, "demo", "--model", model.Folder).AssertFailed(1, "no window can be opened", "--frames");
    }

    [Fact]
    public void AModelThatIsNoneIsRefused() =>
        TitokProcess.Run(s_noDisplay, "demo", "--model", _folder["nowhere"], "--frames", "1", "--capture", _folder["out"]).AssertFailed(1, "nowhere");

    [Fact]
    public void APictureThatIsNoneIsRefusedBeforeAFrameIsDrawn()
    {
        string text = _folder["text.png"];
        File.WriteAllText(text, "not a picture");
        Film(_folder["nowhere.png"]).AssertFailed(1, _folder["nowhere.png"], "there is no such file");
        Film(text).AssertFailed(1, text, "is not a PNG");
        Assert.False(Directory.Exists(_folder["out"]));

        TitokRun Film(string picture) => TitokProcess.Run(s_noDisplay, "demo", picture, "--model", model.Folder, "--frames", "1", "--capture", _folder["out"]);
    }

    [Theory]
    [InlineData("--random-weights needs --model L-32, B-64 or S-128", "--random-weights", "--frames", "1", "--stats", "-")]
    [InlineData("--model does not go with both --tokenizer and --generator", "--model", "a", "--tokenizer", "b", "--generator", "c")]
    public void AModelThatIsNotClearIsRefused(string words, params string[] options) =>
        TitokProcess.Run(s_noDisplay, ["demo", .. options]).AssertFailed(2, words);

    [Theory]
    [InlineData("--frames goes with --capture", "--frames", "3")]
    [InlineData("--capture goes with --frames", "--capture", "out")]
    [InlineData("--seconds does not go with --frames", "--frames", "3", "--stats", "-", "--seconds", "5")]
    [InlineData("--save does not go with --frames", "--frames", "3", "--capture", "out", "--save", ".")]
    [InlineData("--slice does not go with --capture", "--frames", "3", "--capture", "out", "--slice", "5")]
    [InlineData("--size", "--size", "12")]
    [InlineData("--size", "--size", "99999x100")]
    [InlineData("--pictures", "--pictures", "65")]
    public void WrongOptionsAreRefused(string word, params string[] options) =>
        TitokProcess.Run(s_noDisplay, ["demo", "--model", model.Folder, .. options]).AssertFailed(2, word);

    [Theory]
    [InlineData("77")]
    [InlineData("uuid:00000000-0000-0000-0000-000000000077")]
    public void ADeviceThatIsNotThereIsRefused(string device) =>
        TitokProcess.Run(s_noDisplay, "demo", "--model", model.Folder, "--device", device, "--frames", "1", "--capture", _folder["out"]).AssertFailed(1, "77");

    [Fact]
    public void ADeviceIsFoundByItsUuid()
    {
        TitokDeviceInfo device = TitokDevice.List().First(d => d.WhyUnusable is null);
        Guid uuid = Guid.ParseExact(device.Uuid, "N");
        TitokProcess.Run(s_noDisplay, "demo", "--model", model.Folder, "--device", $"UUID:{uuid:D}", "--frames", "1", "--capture", _folder["out"]).AssertDone();
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>No message, where the validation layer is installed.</summary>
    private static void AssertValid(JsonElement measured)
    {
        if (measured.TryGetProperty("validation_messages", out JsonElement messages))
            Assert.Equal(0, messages.GetInt32());
        else
            TestContext.Current.TestOutputHelper?.WriteLine($"validation not checked: {GpuInstance.ValidationLayer} is not installed");
    }

    /// <summary>The pixels above the panel.</summary>
    private static byte[] Stage(string path)
    {
        using SKBitmap bitmap = Png.Bitmap(path);
        return bitmap.GetPixelSpan()[..(bitmap.RowBytes * 300)].ToArray();
    }
}
