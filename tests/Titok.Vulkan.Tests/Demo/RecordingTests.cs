using Titok.Demo.Input;
using Titok.Demo.Scene;

namespace Titok.Vulkan.Tests.Demo;

/// <summary>A recording comes to its end whatever else is asked for, and begins again where its device is gone.</summary>
public sealed class RecordingTests : DirectorTest
{
    [Fact]
    public void APictureThatIsRecordedIsRegeneratedOnceThatIsOver()
    {
        Director director = StartWithTwo();
        Story recorded = Selected(director).Story!;
        director.Apply(DemoAction.LockAll);
        director.Stage.PressToken(0, isDrag: false);
        director.Apply(DemoAction.RecordBirth);
        WorkOrder recording = director.NextOrder()!;
        Step(director, recording, 0);
        director.Apply(DemoAction.Regenerate);
        Assert.False(recording.IsCancelled);
        Assert.Contains("as soon as its steps are recorded", Message(director), StringComparison.Ordinal);
        for (int step = 1; step < Steps; step++)
            Step(director, recording, step);
        recording.Finish(director.Now);
        Assert.Equal([recorded.Seed], SceneHost.Recordings.Select(story => story.Seed));
        Assert.Equal(Steps, SceneHost.Recorded);

        Pass(director);
        WorkOrder again = director.NextOrder()!;
        Story regenerated = Selected(director).Story!;
        Assert.NotEqual(recorded.Seed, regenerated.Seed);
        Assert.Equal([Story.Masked, 7, 7, 7], regenerated.Known);
        Finish(director, again);
        Assert.True(Selected(director).IsDone);
        Assert.Equal(Steps, SceneHost.Recorded);
    }

    [Fact]
    public void ARecordingThatHasNotBegunIsMadeBeforeItsPictureIsRegenerated()
    {
        Director director = StartWithTwo();
        director.Apply(DemoAction.RecordBirth);
        director.Apply(DemoAction.Regenerate);
        GiveBirth(director);
        Assert.Equal(Steps, SceneHost.Recorded);
        GiveBirth(director);
        Assert.Equal(Steps, SceneHost.Recorded);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Steps)]
    public void ARecordingWhoseDeviceIsGoneBeginsAgainAndIsWhole(int stepsBefore)
    {
        Director director = StartWithTwo();
        Story recorded = Selected(director).Story!;
        director.Apply(DemoAction.RecordBirth);
        WorkOrder lost = director.NextOrder()!;
        for (int step = 0; step < stepsBefore; step++)
            Step(director, lost, step);
        director.Apply(DemoAction.Quit);
        director.Forget();
        Assert.False(director.IsOver);
        SceneHost.Forget();
        GiveBirth(director);
        Assert.Equal([recorded.Seed], SceneHost.Recordings.Select(story => story.Seed));
        Assert.Equal(Steps, SceneHost.Recorded);
        Assert.True(director.IsOver);
    }

    [Fact]
    public void APictureThatIsSavedWhenItIsDoneIsTheSameOnAnotherDevice()
    {
        Director director = Start(pictures: 2, atOnce: 1);
        director.NextOrder();
        ulong seed = Selected(director).Story!.Seed;
        director.Apply(DemoAction.SavePicture);
        director.Forget();
        GiveBirth(director);
        Assert.Equal(seed, Assert.Single(SceneHost.Saved).Story!.Seed);
    }

    /// <summary>Only what makes the picture itself gives way to its regeneration.</summary>
    [Fact]
    public void RegeneratingTwiceKeepsWhatIsMadeOfAnotherPicture()
    {
        Director director = StartWithTwo();
        director.Apply(DemoAction.Regenerate);
        WorkOrder first = director.NextOrder()!;
        director.Apply(DemoAction.Right);
        director.Apply(DemoAction.Regenerate);
        director.Apply(DemoAction.Regenerate);
        Assert.False(first.IsCancelled);
        director.Apply(DemoAction.Left);
        director.Apply(DemoAction.Regenerate);
        Assert.True(first.IsCancelled);
    }

    private static WallPicture Selected(Director director) => ((WallStage)director.Stage).Wall.Selected;
}
