using System.Runtime.InteropServices;
using SkiaSharp;
using Titok.Demo.Drawing;
using Titok.Demo.Input;
using Titok.Demo.Scene;
using Titok.Demo.Windowing;
using Titok.Vulkan.Tests.Checkpoints;

namespace Titok.Vulkan.Tests.Demo;

/// <summary>Files dropped on the window, as GLFW hands them over.</summary>
public sealed class DroppedFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Director _director = new(
        new ModelFacts(16, 4, 100, 3, ["a", "b", "c"]), new StreamSettings(GenerationSettings.Demo, 4, null), 1, new NoHost());

    [Fact]
    public void APictureWithAnyNameIsShown()
    {
        string path = Picture("Ätna bei Nacht – 写真 🖼.png");
        Drop(path);
        Assert.Equal("Ätna bei Nacht – 写真 🖼.png", Shown().Title);
        Assert.IsType<ReconstructOrder>(_director.NextOrder());
    }

    [Fact]
    public void TheArrowsGoThroughSeveralAndPassOverWhatIsNoPicture()
    {
        string text = _folder["notes.txt"];
        File.WriteAllText(text, "no picture");
        Drop(text, Picture("first.png"), _folder["gone.png"], Picture("last.png"));
        Assert.Equal("first.png", Shown().Title);
        Assert.StartsWith("notes.txt: is not a PNG", Shown().Message, StringComparison.Ordinal);
        Assert.Contains("2 of 4", Shown().Subtitle, StringComparison.Ordinal);
        Turn(DemoAction.Right);
        Assert.Equal("last.png", Shown().Title);
        Assert.StartsWith("gone.png: can't be read", Shown().Message, StringComparison.Ordinal);
        Turn(DemoAction.Right);
        Assert.Equal("last.png", Shown().Title);
        Turn(DemoAction.Left);
        Assert.Equal("first.png", Shown().Title);
        _director.Apply(DemoAction.Back);
        Assert.IsType<WallStage>(_director.Stage);
    }

    [Fact]
    public void WhatIsNoPictureIsToldAndTheWallGoesOn()
    {
        foreach (string path in new[] { _folder["."], _folder["nothing.png"], "" })
        {
            Drop(path);
            Assert.IsType<WallStage>(_director.Stage);
            Assert.NotNull(_director.NextOrder());
        }
        Assert.StartsWith("nothing.png: can't be read", Shown().Message, StringComparison.Ordinal);
    }

    [Fact]
    public unsafe void ADropOfNothingDoesNothing()
    {
        _director.Handle(FilesDropped.Read(0, null));
        Frame();
        Assert.IsType<WallStage>(_director.Stage);
        Assert.Null(Shown().Message);
    }

    [Fact]
    public void ADropClosesTheHelpThatWouldHideIt()
    {
        _director.Handle(new KeyPressed(Key.F1, Modifiers.None, false));
        Assert.True(Shown().ShowsHelp);
        Drop(Picture("a.png"));
        Assert.False(Shown().ShowsHelp);
    }

    public void Dispose() => _folder.Dispose();

    private string Picture(string name)
    {
        using var bitmap = new SKBitmap(20, 10);
        bitmap.Erase(SKColors.Teal);
        using SKData png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        File.WriteAllBytes(_folder[name], png.ToArray());
        return _folder[name];
    }

    private unsafe void Drop(params string[] paths)
    {
        nint[] strings = [.. paths.Select(Marshal.StringToCoTaskMemUTF8)];
        fixed (nint* first = strings)
            _director.Handle(FilesDropped.Read(strings.Length, (byte**)first));
        // GLFW's strings do not outlive its callback.
        foreach (nint text in strings)
            Marshal.FreeCoTaskMem(text);
        Frame();
    }

    private void Turn(DemoAction action)
    {
        _director.Apply(action);
        Frame();
    }

    /// <summary>Frames pass until all files are read that can be reached.</summary>
    private void Frame()
    {
        for (int i = 0; i < 4; i++)
        {
            _director.WaitForFile();
            _director.Advance(0.1f, 900, 620, 1);
        }
    }

    private OverlayContent Shown() => _director.Describe(new OverlayContent());

    private sealed class NoHost : ISceneHost
    {
        public void SavePicture(WallPicture picture) => Assert.Fail("nothing is saved here");

        public void SavePicture(string name, Tile tile) => Assert.Fail("nothing is saved here");

        public void SaveWall(IReadOnlyList<WallPicture> pictures) => Assert.Fail("nothing is saved here");

        public Action<int, int> RecordBirth(Story story) => (_, _) => { };

        public void SwitchDevice() => Assert.Fail("no other device is wanted here");

        public void ToggleFullScreen() => Assert.Fail("nobody asked for it");

        public void Quit() => Assert.Fail("nobody asked for it");
    }
}
