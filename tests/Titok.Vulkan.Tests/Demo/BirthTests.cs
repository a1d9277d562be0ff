using Titok.Demo.Input;
using Titok.Demo.Scene;

namespace Titok.Vulkan.Tests.Demo;

/// <summary>What the device is to make next, and when it may.</summary>
public sealed class BirthTests : DirectorTest
{
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
}
