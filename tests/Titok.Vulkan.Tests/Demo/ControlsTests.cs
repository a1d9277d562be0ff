using Titok.Demo.Drawing;
using Titok.Demo.Input;
using Titok.Demo.Scene;
using Titok.Demo.Windowing;

namespace Titok.Vulkan.Tests.Demo;

/// <summary>What keys and the mouse do.</summary>
public sealed class ControlsTests : DirectorTest
{
    [Fact]
    public void AClickPicksAClassThatWasFound()
    {
        Director director = Start(pictures: 2, atOnce: 1);
        OpenSearch(director);
        (float x, float y) = Middle(director.Layout.SearchRow(1));
        director.Handle(new MouseMoved(x, y));
        Assert.Equal(1, director.Describe(new OverlayContent()).Search!.Chosen);
        director.Handle(new MousePressed(x, y, 0, false));
        Assert.Null(director.Describe(new OverlayContent()).Search);
        Assert.Equal(1, director.Settings.OnlyClass);
    }

    [Fact]
    public void AClickBesideTheSearchClosesItAndTheWheelMovesInIt()
    {
        Director director = Start(pictures: 2, atOnce: 1);
        OpenSearch(director);
        director.Handle(new MouseScrolled(0, 0, -1));
        Assert.Equal(1, director.Describe(new OverlayContent()).Search!.Chosen);
        Box sheet = director.Layout.Search(3);
        director.Handle(new MousePressed(sheet.Left + 1, sheet.Top + 1, 0, false));
        Assert.NotNull(director.Describe(new OverlayContent()).Search);
        director.Handle(new MousePressed(sheet.Left - 1, sheet.Top + 1, 0, false));
        Assert.Null(director.Describe(new OverlayContent()).Search);
        Assert.Null(director.Settings.OnlyClass);
        Assert.Equal(2, director.Settings.Count);
    }

    [Fact]
    public void EscapeLeavesTheFullScreenLast()
    {
        Director director = StartWithTwo();
        director.Apply(DemoAction.Morph);
        director.Apply(DemoAction.Back);
        director.Apply(DemoAction.Focus);
        director.Apply(DemoAction.Back);
        Assert.Equal(0, SceneHost.Left);
        director.Apply(DemoAction.Back);
        Assert.Equal(1, SceneHost.Left);
    }

    [Fact]
    public void UpAndDownGoByTheGridWhereOneIsLookedAtAlone()
    {
        Director director = Start(pictures: 6, atOnce: 1);
        Wall wall = Assert.IsType<WallStage>(director.Stage).Wall;
        int columns = director.Layout.Grid(6).Count(box => box.Top == director.Layout.Grid(6)[0].Top);
        director.Apply(DemoAction.Focus);
        for (int i = 0; i < 10; i++)
            Pass(director);
        director.Apply(DemoAction.Down);
        Assert.Equal(columns, wall.Selection);
        Pass(director);
        director.Apply(DemoAction.Up);
        Assert.Equal(0, wall.Selection);
    }

    /// <summary>Whichever key types them, and without repeating those that are not to be.</summary>
    [Fact]
    public void CharactersActByWhatIsTyped()
    {
        Director director = Start(pictures: 6, atOnce: 1);
        TimeSpan before = director.Settings.StepInterval;
        Type("]", isRepeat: false);
        Assert.True(director.Settings.StepInterval < before);
        Type("[", isRepeat: false);
        Assert.Equal(before, director.Settings.StepInterval);
        Type("+", isRepeat: false);
        Type("+", isRepeat: true);
        Assert.Equal(8, director.Settings.Count);
        Type("/", isRepeat: false);
        Type("+", isRepeat: false);
        Assert.Equal("+", director.Describe(new OverlayContent()).Search!.Text);
        Assert.Equal(8, director.Settings.Count);

        void Type(string text, bool isRepeat)
        {
            director.Handle(new KeyPressed((Key)56, Modifiers.None, isRepeat));
            director.Handle(new CharacterTyped(text));
        }
    }

    [Fact]
    public void TheLetterThatOpensTheSearchIsNotSearchedFor()
    {
        Director director = Start(pictures: 2, atOnce: 1);
        director.Handle(new KeyPressed(Key.C, Modifiers.None, false));
        director.Handle(new CharacterTyped("c"));
        Assert.Equal("", director.Describe(new OverlayContent()).Search!.Text);
        director.Handle(new CharacterTyped("b"));
        Assert.Equal("b", director.Describe(new OverlayContent()).Search!.Text);
    }

    [Fact]
    public void WhatTypesNothingDoesTheSameWhileTheSearchIsOpen()
    {
        Director director = StartWithTwo();
        OpenSearch(director);
        Press(Key.F11);
        Assert.Equal(1, SceneHost.Toggled);
        Press(Key.Right);
        Assert.Equal(1, Assert.IsType<WallStage>(director.Stage).Wall.Selection);
        Press(Key.Q);
        director.Handle(new CharacterTyped("q"));
        Assert.Equal("q", director.Describe(new OverlayContent()).Search!.Text);
        Press(Key.Escape);
        Assert.Null(director.Describe(new OverlayContent()).Search);
        OpenSearch(director);
        Assert.False(director.IsLeaving);
        Press(Key.Q, Modifiers.Control);
        Assert.True(director.IsLeaving);

        void Press(Key key, Modifiers modifiers = Modifiers.None) => director.Handle(new KeyPressed(key, modifiers, false));
    }

    [Fact]
    public void TheHelpAndTheSearchTakeEachOthersPlace()
    {
        Director director = Start(pictures: 2, atOnce: 1);
        OpenSearch(director);
        director.Handle(new KeyPressed(Key.F1, Modifiers.None, false));
        OverlayContent shown = director.Describe(new OverlayContent());
        Assert.True(shown is { ShowsHelp: true, Search: null });
        OpenSearch(director);
        shown = director.Describe(new OverlayContent());
        Assert.True(shown is { ShowsHelp: false, Search: not null });
    }

    private static void OpenSearch(Director director)
    {
        director.Handle(new CharacterTyped("/"));
    }

    private static (float X, float Y) Middle(Box box) => (box.Left + box.Width / 2, box.Top + box.Height / 2);
}
