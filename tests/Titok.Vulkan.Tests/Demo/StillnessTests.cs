using Titok.Demo.Input;
using Titok.Demo.Scene;

namespace Titok.Vulkan.Tests.Demo;

/// <summary>When nothing moves, so that no frame need be drawn.</summary>
public sealed class StillnessTests : DirectorTest
{
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

    private static void AssertComesToStand(Director director)
    {
        const int MaxPasses = 50;
        int passes = 0;
        for (; !director.IsStill && passes < MaxPasses; passes++)
            Pass(director);
        Assert.True(director.IsStill, $"it moves after {passes} frames of a fifth of a second");
    }
}
