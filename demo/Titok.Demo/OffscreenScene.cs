using Titok.Demo.Drawing;
using Titok.Demo.Graphics;
using Titok.Demo.Making;
using Titok.Demo.Measuring;
using Titok.Demo.Scene;
using Titok.Vulkan;

namespace Titok.Demo;

/// <summary>All that the window has but the window: the scene on a device that need not present, with the model loaded.</summary>
internal sealed class OffscreenScene : IDisposable
{
    private readonly DemoOptions _options;
    private readonly GraphicsInstance _instance;
    private readonly Overlay _overlay = new();
    private readonly long _start;

    /// <exception cref="DemoException">No device can draw.</exception>
    /// <exception cref="TitokException">The model does not load.</exception>
    public OffscreenScene(DemoOptions options, CancellationToken cancellation)
    {
        _options = options;
        _instance = new GraphicsInstance([]);
        try
        {
            GraphicsAdapter adapter = GraphicsAdapter.Choose(GraphicsAdapter.All(_instance, null), options.Device, presents: false);
            Director = Scenes.Create(options, new IdleHost());
            Scoreboard = new Scoreboard(options, Director);
            var device = new GraphicsDevice(_instance, adapter, presents: false);
            Session = Session.Open(device, on => Target = new OffscreenTarget(on, options.Width, options.Height), options, Director);
            Session.WaitForModel(cancellation);
        }
        catch
        {
            Dispose();
            throw;
        }
        if (options.Picture is { } picture)
            Director.Open([picture]);
        _start = System.Diagnostics.Stopwatch.GetTimestamp();
    }

    public OffscreenTarget Target { get; private set; } = null!;

    public Director Director { get; }

    public Scoreboard Scoreboard { get; }

    public Session Session { get; }

    /// <summary>Seconds since the model was loaded.</summary>
    public double Elapsed => System.Diagnostics.Stopwatch.GetElapsedTime(_start).TotalSeconds;

    /// <summary>Draws a frame and waits until the device has.</summary>
    /// <param name="seconds">Time since the frame before.</param>
    /// <param name="slice">How much work goes into it.</param>
    public void Draw(float seconds, TitokSlice slice) =>
        Session.Wait(Session.Draw(seconds, scale: 1, _overlay, Scoreboard.Describe, slice)!.Value);

    /// <summary>Writes the statistics where they are asked for.</summary>
    /// <param name="refresh">Frames a second that there should have been.</param>
    public void Finish(double refresh)
    {
        if (_options.StatisticsFile is { } file)
            StatisticsFile.Write(file, Scoreboard.Finish(Session, refresh, Elapsed));
    }

    public void Dispose()
    {
        Session?.Dispose();
        _overlay.Dispose();
        _instance.Dispose();
    }
}
