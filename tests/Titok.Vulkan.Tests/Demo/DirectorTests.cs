using Titok.Demo.Drawing;
using Titok.Demo.Input;
using Titok.Demo.Scene;
using Titok.Demo.Windowing;

namespace Titok.Vulkan.Tests.Demo;

/// <summary>What is on stage, with births that the test carries out itself: no device, no display.</summary>
public sealed class DirectorTests
{
    private const int Tokens = 4, Codebook = 100, Steps = 3;
    private readonly Host _host = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AMorphWaitsForBothPictures(bool isPaused)
    {
        Director director = Start(pictures: 6, atOnce: 1);
        WorkOrder running = director.NextOrder()!;
        Step(director, running, 0);
        if (isPaused)
            director.Apply(DemoAction.Pause);
        director.Handle(new KeyPressed(Key.M, Modifiers.None, false));

        Pass(director);
        Assert.Contains("as soon as both", Message(director), StringComparison.Ordinal);
        Assert.IsType<WallStage>(director.Stage);
        for (int step = 1; step < Steps; step++)
        {
            Pass(director);
            Assert.True(director.MayBegin(running, step));
            Step(director, running, step);
        }
        running.Finish(director.Now);
        // The two that are waited for come before all others: three births at most, the one that was under way with them.
        int births = 1;
        for (; director.Stage is WallStage && births < 4; births++)
            GiveBirth(director);
        Assert.InRange(births, 2, 3);
        Assert.IsType<MorphStage>(director.Stage);
        Assert.IsType<DecodeOrder>(director.NextOrder());
        Assert.Null(Message(director));
    }

    [Fact]
    public void AMorphOfPicturesThatAreDoneBeginsAtOnce()
    {
        Director director = StartWithTwo();
        director.Apply(DemoAction.Morph);
        Assert.IsType<MorphStage>(director.Stage);
    }

    [Fact]
    public void AWallOfOneGetsASecondPictureToMorphInto()
    {
        Director director = Start(pictures: 1, atOnce: 1);
        GiveBirth(director);
        director.Apply(DemoAction.Morph);
        GiveBirth(director);
        Assert.IsType<MorphStage>(director.Stage);
        Assert.Equal(2, director.Settings.Count);
    }

    [Fact]
    public void EscapeForgetsWhatWaits()
    {
        Director director = Start(pictures: 2, atOnce: 1);
        director.Apply(DemoAction.Morph);
        director.Apply(DemoAction.Back);
        Assert.Null(Message(director));
        GiveBirth(director);
        GiveBirth(director);
        Assert.IsType<WallStage>(director.Stage);
    }

    [Fact]
    public void APictureIsSavedWhenItIsDone()
    {
        Director director = Start(pictures: 1, atOnce: 1);
        WorkOrder running = director.NextOrder()!;
        director.Apply(DemoAction.SavePicture);
        for (int step = 0; step < Steps; step++)
            Step(director, running, step);
        Pass(director);
        // All tokens are there, but their picture may still be on its way.
        Assert.Empty(_host.Saved);
        running.Finish(director.Now);
        Pass(director);
        Assert.True(Assert.Single(_host.Saved).IsDone);
        Assert.Null(Message(director));
    }

    [Fact]
    public void PicturesThatAreWantedOneAfterAnotherAreAllMade()
    {
        Director director = StartWithTwo();
        director.Apply(DemoAction.Regenerate);
        director.Apply(DemoAction.Right);
        director.Apply(DemoAction.Regenerate);
        GiveBirth(director);
        GiveBirth(director);
        director.Apply(DemoAction.Morph);
        Assert.IsType<MorphStage>(director.Stage);
    }

    [Fact]
    public void WhatWaitsGoesOnAfterTheDeviceIsGone()
    {
        Director director = Start(pictures: 2, atOnce: 1);
        WorkOrder running = director.NextOrder()!;
        director.Apply(DemoAction.Morph);
        director.Forget();
        Finish(director, running);
        Assert.IsType<WallStage>(director.Stage);
        GiveBirth(director);
        GiveBirth(director);
        Assert.IsType<MorphStage>(director.Stage);
    }

    [Fact]
    public void AnOrderThatFailsIsToldAndGivenUp()
    {
        Director director = StartWithTwo();
        director.Apply(DemoAction.Morph);
        director.GiveUp(director.NextOrder()!, "there is no memory");
        Assert.Equal("there is no memory", Message(director));
        Assert.IsType<WallStage>(director.Stage);
    }

    [Fact]
    public void BirthsThatFailAreTriedAgainAfterAWhile()
    {
        Director director = Start(pictures: 1, atOnce: 1);
        director.Apply(DemoAction.SavePicture);
        director.GiveUp(director.NextOrder()!, "there is no memory");
        for (; Message(director) == "there is no memory"; Pass(director))
            Assert.Null(director.NextOrder());
        Assert.NotNull(director.NextOrder());
    }

    [Theory]
    [InlineData(1, 8, 1)]
    [InlineData(18, 8, 5)]
    [InlineData(64, 8, 8)]
    [InlineData(18, 2, 2)]
    public void ALargerWallHasMoreBornTogether(int pictures, int atOnce, int together)
    {
        Director director = Start(pictures, atOnce);
        Assert.Equal(together, director.BornTogether);
        Assert.Equal(together, director.NextOrder()!.Pictures);
    }

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
        Assert.Equal(0, _host.Left);
        director.Apply(DemoAction.Back);
        Assert.Equal(1, _host.Left);
    }

    [Fact]
    public void APictureWithAllTokensLockedIsNotMadeAgain()
    {
        Director director = StartWithTwo();
        director.Apply(DemoAction.LockAll);
        director.Apply(DemoAction.Regenerate);
        Assert.Null(director.NextOrder());
        director.Stage.PressToken(0, isDrag: false);
        director.Apply(DemoAction.Regenerate);
        Assert.NotNull(director.NextOrder());
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

    [Fact]
    public void WhoeverLeavesWaitsForAPictureThatIsSavedWhenItIsDone()
    {
        Director director = Start(pictures: 1, atOnce: 1);
        WorkOrder running = director.NextOrder()!;
        director.Apply(DemoAction.SavePicture);
        director.Handle(new CloseRequested());
        Pass(director);
        Assert.False(director.IsOver);
        Assert.Contains("close again", Message(director), StringComparison.Ordinal);
        Finish(director, running);
        Assert.Single(_host.Saved);
        Assert.True(director.IsOver);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void WhoeverLeavesWaitsForARecordingWhateverIsPausedOrChanged(bool isPaused)
    {
        Director director = StartWithTwo();
        if (isPaused)
            director.Apply(DemoAction.Pause);
        director.Apply(DemoAction.RecordBirth);
        director.Apply(DemoAction.Morph);
        director.Apply(DemoAction.Quit);
        Assert.False(director.IsOver);
        WorkOrder recording = director.NextOrder()!;
        director.Apply(DemoAction.Reseed);
        Assert.False(recording.IsCancelled);
        for (int step = 0; step < Steps; step++)
        {
            Pass(director);
            Assert.True(director.MayBegin(recording, step));
            Step(director, recording, step);
            Assert.False(director.IsOver);
        }
        recording.Finish(director.Now);
        Assert.Equal(Steps, _host.Recorded);
        Assert.True(director.IsOver);
    }

    [Fact]
    public void WhoeverLeavesTwiceDoesNotWait()
    {
        Director director = StartWithTwo();
        director.Apply(DemoAction.RecordBirth);
        director.Apply(DemoAction.Quit);
        Assert.False(director.IsOver);
        director.Apply(DemoAction.Quit);
        Assert.True(director.IsOver);
    }

    [Fact]
    public void WhoeverLeavesDoesNotWaitForAMorph()
    {
        Director director = Start(pictures: 2, atOnce: 1);
        director.Apply(DemoAction.Morph);
        director.Apply(DemoAction.Quit);
        Assert.True(director.IsOver);
    }

    [Fact]
    public void AWallIsStillOncePausedAndUntilAStepIsAskedFor()
    {
        Director director = Start(pictures: 2, atOnce: 1);
        GiveBirth(director);
        WorkOrder running = director.NextOrder()!;
        Step(director, running, 0);
        director.Apply(DemoAction.Pause);
        Assert.True(director.Holds(running, 1));
        Assert.False(director.MayOrder);
        AssertComesToStand(director);
        double shimmer = director.Shimmer;
        director.Apply(DemoAction.StepOnce);
        Assert.False(director.Holds(running, 1));
        director.Apply(DemoAction.Focus);
        Pass(director);
        Assert.False(director.IsStill);
        Assert.Equal(shimmer, director.Shimmer);
        director.Apply(DemoAction.Pause);
        Pass(director);
        Assert.True(director.Shimmer > shimmer);
    }

    /// <summary>The tokens of a step may be known before its picture is begun.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AStepThatIsAskedForComesToItsPictureAndNoOther(bool isFullSpeed)
    {
        Director director = Start(pictures: 2, atOnce: 1);
        while (isFullSpeed && director.Settings.StepInterval > TimeSpan.Zero)
            director.Apply(DemoAction.Faster);
        director.Apply(DemoAction.StepOnce);
        WorkOrder running = director.NextOrder()!;
        Assert.True(director.MayBegin(running, 0));
        Pass(director);
        Assert.True(director.MayBegin(running, 0));
        Step(director, running, 0);
        Assert.True(director.MayBegin(running, 0));
        Assert.False(director.MayBegin(running, 1));
        Pass(director);
        Assert.False(director.MayBegin(running, 1));
        Assert.True(director.Holds(running, 1));
    }

    [Fact]
    public void AWallOfLockedPicturesIsStillThoughNotPaused()
    {
        Director director = StartWithTwo();
        Assert.True(director.MayOrder);
        foreach (DemoAction action in new[] { DemoAction.LockAll, DemoAction.Right, DemoAction.LockAll })
            director.Apply(action);
        Assert.False(director.MayOrder);
        AssertComesToStand(director);
    }

    [Fact]
    public void AMessageGoesAwayBeforeItIsStill()
    {
        Director director = StartWithTwo();
        director.Apply(DemoAction.Pause);
        AssertComesToStand(director);
        director.Say("something");
        Pass(director);
        Assert.False(director.IsStill);
        AssertComesToStand(director);
        Assert.Null(Message(director));
    }

    [Fact]
    public void AMorphIsStillOnceItIsMovedByHand()
    {
        Director director = StartWithTwo();
        director.Apply(DemoAction.Morph);
        Carry();
        Assert.True(director.MayOrder);
        director.Apply(DemoAction.Right);
        Pass(director);
        Carry();
        Assert.False(director.MayOrder);
        AssertComesToStand(director);

        void Carry()
        {
            WorkOrder order = director.NextOrder()!;
            Assert.True(director.MayOrder);
            order.Receive(0);
            order.Finish(director.Now);
        }
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

    private static void AssertComesToStand(Director director)
    {
        const int MaxPasses = 50;
        int passes = 0;
        for (; !director.IsStill && passes < MaxPasses; passes++)
            Pass(director);
        Assert.True(director.IsStill, $"it moves after {passes} frames of a fifth of a second");
    }

    private Director Start(int pictures, int atOnce)
    {
        var settings = new StreamSettings(GenerationSettings.Demo with { Steps = Steps }, pictures, null);
        var director = new Director(new ModelFacts(16, Tokens, Codebook, 3, ["a", "b", "c"]), settings, 1, _host) { MaxAtOnce = atOnce };
        Pass(director);
        return director;
    }

    /// <summary>A wall of two pictures that are done.</summary>
    private Director StartWithTwo()
    {
        Director director = Start(pictures: 2, atOnce: 1);
        GiveBirth(director);
        GiveBirth(director);
        return director;
    }

    private static void Pass(Director director) => director.Advance(0.2f, 900, 620, 1);

    private static void OpenSearch(Director director)
    {
        director.Handle(new CharacterTyped("/"));
    }

    private static (float X, float Y) Middle(Box box) => (box.Left + box.Width / 2, box.Top + box.Height / 2);

    private static string? Message(Director director) => director.Describe(new OverlayContent()).Message;

    /// <summary>Carries out the next order to its end, and lets a frame pass.</summary>
    private static void GiveBirth(Director director) => Finish(director, director.NextOrder()!);

    private static void Finish(Director director, WorkOrder order)
    {
        for (int step = 0; step < Steps; step++)
            Step(director, order, step);
        order.Finish(director.Now);
        Pass(director);
    }

    /// <summary>The pictures of a step come, and its tokens; all of these are fixed in the last step.</summary>
    private static void Step(Director director, WorkOrder order, int step)
    {
        for (int picture = 0; picture < order.Pictures; picture++)
            order.Receive(picture);
        director.Observe(order, step, [.. Enumerable.Repeat(step == Steps - 1 ? 7 : Codebook, order.Pictures * Tokens)]);
    }

    private sealed class Host : ISceneHost
    {
        public List<WallPicture> Saved { get; } = [];

        /// <summary>Pictures of recordings so far.</summary>
        public int Recorded { get; private set; }

        /// <summary>How often the full screen was to be left.</summary>
        public int Left { get; private set; }

        public void SavePicture(WallPicture picture) => Saved.Add(picture);

        public void LeaveFullScreen() => Left++;

        public Action<int, int> RecordBirth(Story story) => (_, _) => Recorded++;
    }
}
