using System.Collections.Immutable;
using System.Security.Cryptography;
using SkiaSharp;
using Titok.Demo.Drawing;
using Titok.Demo.Graphics;
using Titok.Demo.Input;
using Titok.Demo.Measuring;
using Titok.Demo.Saving;
using Titok.Demo.Scene;
using Titok.Demo.Windowing;

namespace Titok.Vulkan.Tests.Demo;

/// <summary>What the window does that needs neither a display nor a device.</summary>
public sealed class SceneTests
{
    [Fact]
    public void TilesStayOnTheStageAndApartInEveryWindow()
    {
        for (int count = 1; count <= Wall.MaxPictures; count++)
        {
            foreach ((int width, int height) in new[] { (320, 240), (700, 1200), (1280, 800), (3840, 1080) })
            {
                var layout = new Layout(width, height, 1, showsPanel: true);
                ImmutableArray<Box> boxes = layout.Grid(count);
                Assert.Equal(count, boxes.Length);
                foreach (Box box in boxes)
                {
                    Assert.True(box.Width >= 4 && box.Width == box.Height);
                    Assert.True(box.Left >= 0 && box.Right <= width + 1 && box.Top >= 0 && box.Bottom <= layout.Stage.Bottom + 2, $"{count} in {width}x{height}: {box}");
                    Assert.DoesNotContain(boxes, other => other != box && other.Left < box.Right && box.Left < other.Right && other.Top < box.Bottom && box.Top < other.Bottom);
                }
            }
        }
    }

    [Theory]
    [InlineData(8)]
    [InlineData(32)]
    [InlineData(256)]
    public void TokensFitTheStrip(int count)
    {
        var layout = new Layout(1280, 800, 1, showsPanel: true);
        ImmutableArray<Box> cells = layout.Tokens(count);
        Assert.Equal(count, cells.Length);
        Assert.All(cells, cell => Assert.True(
            cell.Left >= layout.Strip.Left - 1 && cell.Right <= layout.Strip.Right + 1 && cell.Bottom <= layout.Strip.Bottom + 1, $"{cell} in {layout.Strip}"));
    }

    [Fact]
    public void WhatIsShownAtFirstIsInLine()
    {
        var layout = new Layout(1280, 800, 1, showsPanel: true);
        ImmutableArray<Box> grid = layout.Grid(18);
        Assert.Equal((layout.Panel.Left, layout.Panel.Right), (grid[0].Left, grid[^1].Right));
        Assert.Equal(layout.Panel.Right - layout.Strip.Right, layout.Strip.Left - layout.Panel.Left);
    }

    [Theory]
    [InlineData(320, 240)]
    [InlineData(1280, 800)]
    public void TheWayToTheHelpHasRoomInEveryWindow(int width, int height)
    {
        var layout = new Layout(width, height, 1, showsPanel: true);
        using var overlay = new Overlay();
        overlay.Draw(layout, new OverlayContent { Chips = new StreamSettings(GenerationSettings.Demo, 18, null).Chips(new ModelFacts(64, 32, 4096, 1, [])) });
        Box help = Assert.Single(overlay.Chips, c => c.Chip.More == DemoAction.Help).Box;
        Assert.Equal(layout.Panel.Right, help.Right);
        Assert.All(overlay.Chips, c => Assert.True(c.Box == help || c.Box.Right < help.Left));
    }

    [Theory]
    [InlineData(320, 240)]
    [InlineData(320, 480)]
    [InlineData(400, 700)]
    [InlineData(500, 400)]
    [InlineData(700, 240)]
    public void WordsCanBeReadInSmallWindows(int width, int height)
    {
        var layout = new Layout(width, height, 1, showsPanel: true);
        Assert.True(layout.ShowsPanel && layout.Px(13) >= 9);
        foreach (Box box in new[] { layout.Title, layout.Strip, layout.Numbers, layout.Chips })
        {
            Assert.True(box.Left >= layout.Panel.Left && box.Right <= layout.Panel.Right && box.Top >= layout.Panel.Top && box.Bottom <= layout.Panel.Bottom, $"{box}");
            Assert.True(box == layout.Chips || box.Bottom < layout.Chips.Top);
        }
        Assert.True(layout.Title.Right < layout.Numbers.Left);
        Assert.True(layout.HasTokenRow ? layout.Title.Bottom < layout.Strip.Top : layout.Title.Right < layout.Strip.Left && layout.Strip.Right < layout.Numbers.Left);
        Assert.True(layout.Title.Width >= 100 || height < 400, $"{layout.Title}");
        Assert.True(layout.Search(ClassSearch.MaxShown).Bottom <= height);
    }

    [Fact]
    public void ATileWithoutAPictureIsMaskedAllOver()
    {
        var tile = new Tile(3) { SettledTarget = 1 };
        tile.MoveTo(new Box(0, 0, 10, 10));
        tile.Advance(1);
        Quad before = tile.Paint(0, false, 0)!.Value;
        Assert.Equal((QuadKind.Picture, 0), (before.Kind, before.Settled));
        tile.Receive();
        Assert.Equal(1, tile.Paint(0, false, 0)!.Value.Settled);
    }

    /// <summary>On a German keyboard Z is where a US one has Y; a Russian one has none of these letters.</summary>
    [Theory]
    [InlineData('Y', "z", 'Z')]
    [InlineData('Q', "a", 'A')]
    [InlineData('M', "ь", 'M')]
    [InlineData('.', "v", 'V')]
    [InlineData('/', "-", '/')]
    [InlineData((int)Key.F1, null, (int)Key.F1)]
    public void LettersAreThoseOnTheKeys(int place, string? name, int expected) => Assert.Equal((Key)expected, KeyNames.Labelled((Key)place, name));

    [Fact]
    public void ASearchFindsByNumberBeginningWordAndMiddle()
    {
        var search = new ClassSearch(["goldfish", "white shark", "shark", "hammerhead", "sharkskin"]);
        search.Type("shark");
        Assert.Equal([2, 4, 1], search.Shown);
        search.Move(1);
        Assert.Equal(4, search.Pick);
        for (int i = 0; i < 5; i++)
            search.Erase();
        search.Type("3");
        Assert.Equal([3], search.Shown);
        search.Type("x");
        Assert.Null(search.Pick);
    }

    [Fact]
    public void EveryActionHasAKeyAndEveryKeyOneAction()
    {
        var keys = new HashSet<(Key, Modifiers)>();
        var reached = new HashSet<DemoAction>();
        foreach (Key key in Enum.GetValues<Key>())
        {
            foreach (Modifiers modifiers in new[] { Modifiers.None, Modifiers.Shift, Modifiers.Control })
            {
                if (KeyMap.Find(key, modifiers) is not { } action)
                    continue;
                Assert.True(keys.Add((key, modifiers)));
                reached.Add(action);
            }
        }
        for (char character = ' '; character <= '~'; character++)
        {
            if (KeyMap.Find(character.ToString()) is { } action)
                reached.Add(action);
        }
        Assert.Equal(Enum.GetValues<DemoAction>().Order(), reached.Order());
    }

    [Fact]
    public void TheHelpHasRoomAndLettersForAllOfIt()
    {
        using var type = new Typography();
        Assert.InRange(type.Font(SheetPainter.HelpHintText).MeasureText(SheetPainter.HelpHint), 1, SheetPainter.HelpColumn);
        SKFont text = type.Font(SheetPainter.HelpText), keys = type.Font(SheetPainter.HelpText, semiBold: true);
        Assert.All(KeyMap.Help.SelectMany(column => column), line =>
        {
            Assert.True(keys.ContainsGlyphs(line.Keys) && text.ContainsGlyphs(line.Does), $"a letter of '{line.Keys}  {line.Does}' is not in the font");
            Assert.InRange(keys.MeasureText(line.Keys), 1, SheetPainter.HelpKeys - 8);
            Assert.InRange(text.MeasureText(line.Does), 1, SheetPainter.HelpColumn - SheetPainter.HelpKeys);
        });
    }

    [Fact]
    public void ARateIsThatOfTheLastSecondsOrOfTheLastFew()
    {
        var often = new RateMeter();
        double rate = 0;
        for (int half = 0; half < 40; half++)
            rate = often.Rate(half / 2.0, half < 20 ? half * 5 : 100 + half);
        Assert.Equal(2, rate, 0.01);
        var seldom = new RateMeter();
        for (int half = 0; half < 240; half++)
        {
            rate = seldom.Rate(half / 2.0, half / 20);
            // One in ten seconds is never none; two in almost thirty is the least that it seems.
            Assert.True(half < 40 || rate is > 0.066 and < 0.12, $"{rate} after {half / 2.0} s");
        }
    }

    [Fact]
    public void AStoryKnowsWhichStepFixedAToken()
    {
        const int codebook = 100;
        var story = new Story(3, 7, GenerationSettings.Demo with { Steps = 3 }, [Story.Masked, 5, Story.Masked]);
        Assert.Equal([false, true, false], story.Locked);
        story.Observe(0, [codebook, 5, 9], codebook);
        story.Observe(1, [codebook, 5, 9], codebook);
        Assert.False(story.IsDone);
        story.Observe(2, [8, 5, 9], codebook);
        Assert.True(story.IsDone);
        Assert.Equal([2, 0, 0], story.FixedIn);
        story.Locked[0] = true;
        Assert.Equal([8, 5, Story.Masked], story.Kept());
    }

    [Fact]
    public void FramePacingCountsWhatCameLate()
    {
        var pacing = new FramePacing();
        Assert.Null(pacing.ShareWithin(25));
        for (int i = 0; i < 99; i++)
            pacing.Add(16.6);
        pacing.Add(50);
        Assert.Equal(0.99, pacing.ShareWithin(25)!.Value, 6);
        Assert.Equal(16.7, pacing.Percentile(0.5), 3);
        Assert.Equal(50, pacing.LongestInMilliseconds);
    }

    [Fact]
    public void AnAnimatedPngIsAPngOfItsFirstPictureToo()
    {
        byte[] red = Solid(200, 0, 0), blue = Solid(0, 0, 200);
        using var stream = new MemoryStream();
        AnimatedPng.Write(stream, [red, blue], 8, 8, [100, 300]);
        byte[] file = stream.ToArray();
        using SKBitmap decoded = SKBitmap.Decode(file);
        Assert.Equal(new SKColor(200, 0, 0), decoded.GetPixel(4, 4));
        string text = System.Text.Encoding.Latin1.GetString(file);
        Assert.Equal(3, text.Split("fcTL").Length);
        Assert.Equal(2, text.Split("fdAT").Length);
    }

    [Fact]
    public void NoQueueToPresentWithIsSaidInOneLine()
    {
        NoDeviceException none = Assert.Throws<NoDeviceException>(() => GraphicsAdapter.Choose([], null, presents: true));
        Assert.Contains("present", none.Message, StringComparison.Ordinal);
    }

    /// <summary>Each line of sources.sha256 is the hash of a shader followed by what it includes.</summary>
    [Fact]
    public void NoShaderIsStale()
    {
        string folder = SourceTree.Require("demo/Titok.Demo/Shaders");
        byte[] included = File.ReadAllBytes(Path.Combine(folder, "quad.glsl"));
        string[] expected = [.. new[] { "quad.frag", "quad.vert" }.Select(shader =>
            $"{Convert.ToHexStringLower(SHA256.HashData([.. File.ReadAllBytes(Path.Combine(folder, shader)), .. included]))}  {shader}")];
        string[] recorded = [.. File.ReadAllLines(Path.Combine(folder, "sources.sha256")).OrderBy(line => line[66..], StringComparer.Ordinal)];
        Assert.True(expected.SequenceEqual(recorded), "run Shaders/build.sh");
    }

    private static byte[] Solid(byte red, byte green, byte blue) => [.. Enumerable.Range(0, 64).SelectMany(_ => new byte[] { red, green, blue, 255 })];
}
