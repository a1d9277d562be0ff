using Titok.Demo.Input;
using Titok.Demo.Scene;
using Titok.Demo.Windowing;

namespace Titok.Vulkan.Tests.Demo;

/// <summary>Who closes the window waits for what is still to be saved, and for nothing else.</summary>
public sealed class LeavingTests : DirectorTest
{
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
        Assert.Single(SceneHost.Saved);
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
        Assert.Equal(Steps, SceneHost.Recorded);
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
}
