using System.Diagnostics;
using Titok.Demo;
using Titok.Demo.Drawing;
using Titok.Demo.Graphics;
using Titok.Demo.Input;
using Titok.Demo.Making;
using Titok.Demo.Measuring;
using Titok.Demo.Scene;
using Titok.Vulkan.Tests.Gpu;

namespace Titok.Vulkan.Tests.Demo;

/// <summary>Frames of a session in memory, and when there need be none.</summary>
[Collection(GpuCollection.Name)]
public sealed class FrameTests : IClassFixture<WindowTests.SmallModel>, IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);

    private readonly GraphicsInstance _instance = new([]);
    private readonly Overlay _overlay = new();
    private readonly Director _director;
    private readonly Scoreboard _scoreboard;
    private readonly Session _session;
    private readonly Func<Session, OverlayContent> _numbers;

    public FrameTests(WindowTests.SmallModel model)
    {
        var options = new DemoOptions
        {
            TokenizerPath = model.Folder,
            GeneratorPath = model.Folder,
            Model = TitokModelInfo.Read(model.Folder),
            Pictures = 4,
        };
        _director = Scenes.Create(options, new IdleHost());
        _scoreboard = new Scoreboard(options, _director);
        _numbers = _scoreboard.Describe;
        var device = new GraphicsDevice(_instance, GraphicsAdapter.All(_instance, null)[0], presents: false);
        _session = Session.Open(device, on => new OffscreenTarget(on, 640, 480), options, _director);
        _session.WaitForModel(CancellationToken.None);
    }

    [Fact]
    public void ASessionRestsWhilePausedAndMakesAStepThatIsAskedFor()
    {
        Until("pictures are born", () => _director.Births >= 4);
        Assert.False(_session.IsAtRest);
        _director.Apply(DemoAction.Pause);
        Until("it rests", () => _session.IsAtRest);
        for (int i = 0; i < 3; i++)
        {
            long steps = _session.Studio!.Steps;
            _director.Apply(DemoAction.StepOnce);
            Until("it makes a step", () => _session.Studio.Steps > steps);
            Until("it rests again", () => _session.IsAtRest);
            Assert.Equal(steps + 1, _session.Studio.Steps);
        }
        _director.Apply(DemoAction.Pause);
        long births = _director.Births;
        Until("pictures are born again", () => _director.Births >= births + 4);
    }

    /// <summary>
    /// Managed memory is for what changes: an order, what is written. It was 600 bytes a frame while generating, 150 at rest, for the
    /// numbers that change twice a second, and 400 in a morph; nine frames in ten had none.
    /// </summary>
    [Fact]
    public void MostFramesAllocateNothing()
    {
        Until("pictures are born", () => _director.Births >= 8);
        AssertAllocates("generating", perFrame: 1500);
        _director.Apply(DemoAction.Pause);
        Until("it rests", () => _session.IsAtRest);
        AssertAllocates("at rest", perFrame: 400);
        _director.Apply(DemoAction.Morph);
        Until("it morphs", () => _director.Stage is MorphStage { Made: not null });
        AssertAllocates("in a morph", perFrame: 1000);
    }

    public void Dispose()
    {
        _session.Dispose();
        _overlay.Dispose();
        _instance.Dispose();
    }

    private void Until(string what, Func<bool> holds)
    {
        long start = Stopwatch.GetTimestamp();
        while (!holds())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < s_patience, $"not so within {s_patience}: {what}");
            Draw();
        }
    }

    private void AssertAllocates(string when, double perFrame)
    {
        const int Frames = 300;
        long[] allocated = new long[Frames];
        for (int i = 0; i < Frames; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Draw();
            allocated[i] = GC.GetAllocatedBytesForCurrentThread() - before;
        }
        string all = $"{when}, bytes a frame: {string.Join(' ', allocated)}";
        Assert.True(allocated.Count(bytes => bytes == 0) > Frames * 3 / 4, all);
        Assert.True(allocated.Average() < perFrame, all);
        TestContext.Current.TestOutputHelper?.WriteLine($"{when}: {allocated.Average():0} bytes a frame, none in {allocated.Count(bytes => bytes == 0)} of {Frames}");
    }

    private void Draw() => _session.Draw(1 / 60f, 1, _overlay, _numbers, TitokSlice.Everything);
}
