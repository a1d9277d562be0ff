using Titok.Demo;
using Titok.Demo.Drawing;
using Titok.Demo.Graphics;
using Titok.Demo.Input;
using Titok.Demo.Making;
using Titok.Demo.Scene;
using Titok.Vulkan.Tests.Checkpoints;
using Titok.Vulkan.Tests.Embedding;
using Titok.Vulkan.Tests.Gpu;

namespace Titok.Vulkan.Tests.Demo;

/// <summary>The stream of pictures when devices are switched, lost and refuse: frames in memory, on a driver that fails when told to.</summary>
[Collection(GpuCollection.Name)]
public sealed class SessionKeeperTests : IClassFixture<WindowTests.SmallModel>, IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);

    private readonly FaultLayer _layer = new();
    private readonly TemporaryFolder _folder = new();
    private readonly List<Story> _recordings = [];
    private readonly DemoOptions _options;
    private readonly Overlay _overlay = new();
    private Director _director = null!;

    public SessionKeeperTests(WindowTests.SmallModel model) => _options = new DemoOptions
    {
        TokenizerPath = model.Folder,
        GeneratorPath = model.Folder,
        Model = TitokModelInfo.Read(model.Folder),
        Pictures = 4,
        SaveFolder = _folder["."],
    };

    [Fact]
    public void PicturesGoOnAfterALossWhateverItInterrupts()
    {
        int loading = 0, streaming = 0;
        Run(null, (keeper, _) =>
        {
            Until(keeper, "the model is loaded", () => keeper.Session.Studio is not null);
            loading = _layer.CallsOf("vkQueueSubmit");
            Until(keeper, "pictures are born", () => _director.Births >= 4);
            streaming = _layer.CallsOf("vkQueueSubmit");
        });
        foreach (int submission in new[] { 0, loading + 3, streaming })
        {
            Run(("vkQueueSubmit", submission, Silk.NET.Vulkan.Result.ErrorDeviceLost), (keeper, _) =>
            {
                Session first = keeper.Session;
                Until(keeper, $"submission {submission} loses the device and another takes its place", () => keeper.Session != first);
                Assert.True(_layer.HasFailed);
                Assert.Contains("the GPU was lost", Message(), StringComparison.Ordinal);
                long before = _director.Births;
                Until(keeper, "pictures are born again", () => _director.Births >= before + 4);
            });
        }
    }

    /// <summary>While it loads the model, and while it looks how far the device is.</summary>
    [Theory]
    [InlineData("vkWaitSemaphores")]
    [InlineData("vkGetQueryPoolResults")]
    public void ALossThatTheLibrarySeesFirstIsALossToo(string function) => Run((function, 0, Silk.NET.Vulkan.Result.ErrorDeviceLost), (keeper, _) =>
    {
        Session first = keeper.Session;
        Until(keeper, "another device takes its place", () => keeper.Session != first);
        Assert.True(_layer.HasFailed);
        Until(keeper, "pictures are born", () => _director.Births >= 2);
    });

    [Fact]
    public void ADeviceLostAgainAndAgainIsGivenUpAndOneLostNowAndThenIsNot() => Run(null, (keeper, _) =>
    {
        for (int i = 0; i < 5; i++)
        {
            Assert.True(keeper.Draw(_ => throw new DeviceLostException("lost")));
            Pass(11);
        }
        for (int i = 0; i < 3; i++)
            Assert.True(keeper.Draw(_ => throw new DeviceLostException("lost")));
        Assert.Throws<DeviceLostException>(() => keeper.Draw(_ => throw new DeviceLostException("lost")));
    });

    [Fact]
    public void OneThatIsGoneForGoodGivesWayToAnother() => Run(null, (keeper, screen) =>
    {
        screen.Refused = 0;
        Assert.True(keeper.Draw(_ => throw new DeviceLostException("lost")));
        Assert.Equal(1, keeper.Session.Device.Adapter.Index);
        Until(keeper, "pictures are born", () => _director.Births >= 2);
    });

    [Fact]
    public void TheDeviceIsSwitchedWhileItRuns() => Run(null, (keeper, _) =>
    {
        // While the model loads, and while pictures are on the way.
        keeper.Switch();
        Assert.Equal(1, keeper.Session.Device.Adapter.Index);
        Until(keeper, "pictures are born", () => _director.Births >= 4);
        keeper.Switch();
        Assert.Equal(0, keeper.Session.Device.Adapter.Index);
        Assert.StartsWith("now on device 0", Message(), StringComparison.Ordinal);
        Until(keeper, "pictures are born on the other", () => _director.Births >= 8);
    });

    [Fact]
    public void TheOnlyDeviceStays() => Run(null, (keeper, screen) =>
    {
        screen.Count = 1;
        Session before = keeper.Session;
        keeper.Switch();
        Assert.Same(before, keeper.Session);
        Assert.Contains("the only device", Message(), StringComparison.Ordinal);
    });

    [Fact]
    public void ADeviceThatCannotBeUsedGivesWayToTheOneBefore() => Run(null, (keeper, screen) =>
    {
        screen.Refused = 1;
        keeper.Switch();
        Assert.Equal(0, keeper.Session.Device.Adapter.Index);
        Assert.Equal("device 1 is refused", Message());
        screen.Refused = null;
        keeper.Switch();
        Assert.Equal(1, keeper.Session.Device.Adapter.Index);
        Assert.True(keeper.Draw(_ => throw new TitokException("the model does not fit")));
        Assert.Equal(0, keeper.Session.Device.Adapter.Index);
        Assert.Equal("the model does not fit", Message());
        Until(keeper, "pictures are born", () => _director.Births >= 2);
        // No device was switched to: this is for whoever started the program.
        Assert.Throws<TitokException>(() => keeper.Draw(_ => throw new TitokException("something else")));
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ARecordingIsWholeThoughItsDeviceIsLostOrSwitched(bool isLost) => Run(null, (keeper, _) =>
    {
        _director.Apply(DemoAction.Pause);
        _director.Apply(DemoAction.RecordBirth);
        Until(keeper, "it is recorded", () => _recordings.Count == 1);
        Session first = keeper.Session;
        if (isLost)
            Assert.True(keeper.Draw(_ => throw new DeviceLostException("lost")));
        else
            keeper.Switch();
        Assert.NotSame(first, keeper.Session);
        Assert.Empty(Directory.GetFiles(_folder["."]));
        Until(keeper, "it is saved", () => keeper.Session.Keepsakes is { IsIdle: true } && Directory.GetFiles(_folder["."]).Length != 0);
        Assert.Equal(2, _recordings.Count);
        Assert.Equal((_recordings[0].Class, _recordings[0].Seed), (_recordings[1].Class, _recordings[1].Seed));
        string steps = File.ReadAllText(Assert.Single(Directory.GetFiles(_folder["."], "*.steps.png")), System.Text.Encoding.Latin1);
        Assert.Equal(_recordings[0].Settings.Steps, steps.Split("fcTL").Length - 1);
        Assert.StartsWith("saved ", Message(), StringComparison.Ordinal);
    });

    [Fact]
    public void APictureThatWasBroughtComesAlong()
    {
        using var folder = new TemporaryFolder();
        using (var bitmap = new SkiaSharp.SKBitmap(64, 64))
        {
            bitmap.Erase(SkiaSharp.SKColors.Teal);
            using SkiaSharp.SKData png = bitmap.Encode(SkiaSharp.SKEncodedImageFormat.Png, 100);
            File.WriteAllBytes(folder["teal.png"], png.ToArray());
        }
        Run(null, (keeper, _) =>
        {
            _director.Open([folder["teal.png"]]);
            Until(keeper, "it is shown", () => _director.Stage is ReconstructionStage);
            // Its tokens may be on the way just now.
            keeper.Switch();
            Until(keeper, "it is made of its tokens", () => _director.Stage.Made is not null);
            keeper.Switch();
            Assert.Null(_director.Stage.Made);
            Until(keeper, "it is made again", () => _director.Stage.Made is not null);
            _director.Apply(DemoAction.Back);
            Until(keeper, "pictures are born", () => _director.Births >= 2);
        });
    }

    public void Dispose()
    {
        _overlay.Dispose();
        _folder.Dispose();
    }

    /// <summary>Runs a test with a fresh instance, and sees that nothing is left of it.</summary>
    private void Run((string Function, int Call, Silk.NET.Vulkan.Result Result)? fault, Action<SessionKeeper, MemoryScreen> test)
    {
        _layer.Arm(fault);
        using (var instance = new GraphicsInstance([], new VulkanLoader(_layer.Pointer)))
        {
            SessionKeeper? keeper = null;
            _director = Scenes.Create(_options, new RecordingHost(() => keeper!.Session, _recordings));
            var screen = new MemoryScreen(instance);
            using (keeper = new SessionKeeper(screen, _options, _director))
                test(keeper, screen);
        }
        Assert.Equal("", _layer.Alive);
    }

    private void Until(SessionKeeper keeper, string what, Func<bool> holds)
    {
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        while (!holds())
        {
            Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(start) < s_patience, $"not so within {s_patience}: {what}");
            keeper.Draw(session => session.Draw(0.2f, 1, _overlay, _ => new OverlayContent(), TitokSlice.Everything) is not null);
        }
    }

    private void Pass(float seconds) => _director.Advance(seconds, 320, 240, 1);

    private string? Message() => _director.Describe(new OverlayContent()).Message;

    /// <summary>Has births recorded as the window does.</summary>
    private sealed class RecordingHost(Func<Session> session, List<Story> recordings) : ISceneHost
    {
        public Action<int, int> RecordBirth(Story story)
        {
            recordings.Add(story);
            return session().Keepsakes!.RecordBirth(story);
        }
    }

    /// <summary>Frames in memory, drawn by one device under two numbers.</summary>
    private sealed class MemoryScreen(GraphicsInstance instance) : IScreen
    {
        public int Count { get; set; } = 2;

        /// <summary>The number of a device that cannot be opened; null for none.</summary>
        public int? Refused { get; set; }

        public IReadOnlyList<GraphicsAdapter> Adapters()
        {
            GraphicsAdapter real = GraphicsAdapter.All(instance, null)[0];
            return [.. Enumerable.Range(0, Count).Select(index => real with { Index = index })];
        }

        public GraphicsDevice Open(GraphicsAdapter adapter) => adapter.Index == Refused
            ? throw new DemoException($"device {adapter.Index} is refused")
            : new GraphicsDevice(instance, adapter, presents: false);

        public IFrameTarget Target(GraphicsDevice device) => new OffscreenTarget(device, 320, 240);
    }
}
