using Titok.Demo.Input;
using Titok.Demo.Scene;
using Titok.Demo.Windowing;

namespace Titok.Vulkan.Tests.Demo;

/// <summary>What waits until pictures of the wall are done: a morph, a picture to save.</summary>
public sealed class WishTests : DirectorTest
{
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
        Assert.Empty(SceneHost.Saved);
        running.Finish(director.Now);
        Pass(director);
        Assert.True(Assert.Single(SceneHost.Saved).IsDone);
        Assert.Null(Message(director));
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
}
