using System.Text.Json;
using SkiaSharp;
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
        Assert.Equal(0, measured.RootElement.GetProperty("validation_messages").GetInt32());
        Assert.True(measured.RootElement.GetProperty("steps").GetInt64() > 4);
    }

    [Fact]
    public void WithoutADisplayItSaysSo() =>
        TitokProcess.Run(s_noDisplay, "demo", "--model", model.Folder).AssertFailed(1, "no window can be opened", "--frames");

    [Fact]
    public void AModelThatIsNoneIsRefused() =>
        TitokProcess.Run(s_noDisplay, "demo", "--model", _folder["nowhere"], "--frames", "1", "--capture", _folder["out"]).AssertFailed(1, "nowhere");

    [Theory]
    [InlineData("--frames and --capture", "--frames", "3")]
    [InlineData("--size", "--size", "12")]
    [InlineData("--size", "--size", "99999x100")]
    [InlineData("--pictures", "--pictures", "65")]
    public void WrongOptionsAreRefused(string word, params string[] options) =>
        TitokProcess.Run(s_noDisplay, ["demo", "--model", model.Folder, .. options]).AssertFailed(2, word);

    [Fact]
    public void ADeviceThatIsNotThereIsRefused() =>
        TitokProcess.Run(s_noDisplay, "demo", "--model", model.Folder, "--device", "77", "--frames", "1", "--capture", _folder["out"]).AssertFailed(1, "77");

    public void Dispose() => _folder.Dispose();

    /// <summary>The pixels above the panel.</summary>
    private static byte[] Stage(string path)
    {
        using SKBitmap bitmap = SKBitmap.Decode(path);
        return bitmap.GetPixelSpan()[..(bitmap.RowBytes * 300)].ToArray();
    }
}
