using System.Diagnostics;
using Titok.Demo.Drawing;
using Titok.Demo.Graphics;
using Titok.Demo.Making;
using Titok.Demo.Measuring;
using Titok.Demo.Scene;
using Titok.Demo.Windowing;
using Titok.Vulkan;

namespace Titok.Demo;

/// <summary>The window that streams pictures.</summary>
public sealed class DemoApplication : ISceneHost, IDisposable
{
    /// <summary>What takes longer, such as a kernel's first run, is a frame that hangs, and not one that skips ahead.</summary>
    private const double MaxSecondsPerFrame = 0.1;

    private readonly DemoOptions _options;
    private readonly Window _window;
    private readonly GraphicsInstance _instance;
    private readonly Director _director;
    private readonly Overlay _overlay = new();
    private readonly Scoreboard _scoreboard;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly SessionKeeper _sessions;

    // Made once, and not with every frame.
    private readonly Func<Session, bool> _drawFrame;
    private readonly Func<Session, OverlayContent> _numbers;
    private float _sinceLastFrame;
    private bool _isSwitching;

    private DemoApplication(DemoOptions options)
    {
        _options = options;
        _window = new Window(options.Width, options.Height, "Titok");
        try
        {
            _instance = new GraphicsInstance(Window.RequiredInstanceExtensions());
            _director = Scenes.Create(options, this);
            _sessions = new SessionKeeper(new WindowScreen(_instance, _window, options.Mailbox), options, _director);
            _scoreboard = new Scoreboard(options, _director);
            (_drawFrame, _numbers) = (DrawFrame, _scoreboard.Describe);
        }
        catch
        {
            _instance?.Dispose();
            _window.Dispose();
            throw;
        }
    }

    /// <summary>Shows the window, or draws frames without one where that is asked for, until it is closed or cancelled.</summary>
    /// <exception cref="DemoException">There is no display, no GLFW, or no device that can show pictures.</exception>
    /// <exception cref="TitokException">The model does not load, or the device fails for good.</exception>
    public static void Run(DemoOptions options, CancellationToken cancellation)
    {
        if (options.Frames is not null)
        {
            if (options.CaptureFolder is null)
                ClockedRun.Run(options, cancellation);
            else
                FrameWriter.Run(options, cancellation);
            return;
        }
        using var application = new DemoApplication(options);
        application.Run(cancellation);
    }

    private Session Session => _sessions.Session;

    void ISceneHost.SavePicture(WallPicture picture) => Session.Keepsakes?.SavePicture(picture);

    void ISceneHost.SavePicture(string name, Tile tile) => Session.Keepsakes?.SavePicture(name, tile);

    void ISceneHost.SaveWall(IReadOnlyList<WallPicture> pictures) => Session.Keepsakes?.SaveWall(pictures);

    Action<int, int> ISceneHost.RecordBirth(Story story) => Session.Keepsakes?.RecordBirth(story) ?? ((_, _) => { });

    void ISceneHost.SwitchDevice() => _isSwitching = true;

    void ISceneHost.ToggleFullScreen() => _window.ToggleFullScreen();

    void ISceneHost.LeaveFullScreen()
    {
        if (_window.IsFullScreen)
            _window.ToggleFullScreen();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _sessions.Dispose();
        _overlay.Dispose();
        _instance.Dispose();
        _window.Dispose();
    }

    private void Run(CancellationToken cancellation)
    {
        string? picture = _options.Picture;
        bool isDrawn = true, isAtRest = false;
        double last = _clock.Elapsed.TotalSeconds;
        while (!_director.IsOver && !cancellation.IsCancellationRequested && _clock.Elapsed.TotalSeconds < (_options.Seconds ?? double.MaxValue))
        {
            bool waits = isAtRest || !isDrawn;
            if (!HandleEvents(waits) && isAtRest)
                continue;
            if (_isSwitching)
                _sessions.Switch();
            _isSwitching = false;
            if (picture is not null && Session.Studio is not null)
            {
                // Not before somebody can see what comes of it.
                _director.Open([picture]);
                picture = null;
            }
            double now = _clock.Elapsed.TotalSeconds;
            // What is begun by what was waited for begins now.
            _sinceLastFrame = waits ? 0 : (float)Math.Min(MaxSecondsPerFrame, now - last);
            isDrawn = !_window.IsMinimised && _sessions.Draw(_drawFrame);
            isAtRest = isDrawn && Session.IsAtRest;
            if (isAtRest || !isDrawn)
                _scoreboard.Pacing.Pause();
            last = now;
        }
        if (_options.StatisticsFile is { } file)
            StatisticsFile.Write(file, _scoreboard.Finish(Session, _window.RefreshRate, _clock.Elapsed.TotalSeconds));
    }

    /// <summary>Takes in what happened to the window, if anything did.</summary>
    private bool HandleEvents(bool wait)
    {
        _window.Poll(wait);
        bool any = false;
        for (; _window.TryTake(out WindowEvent? happened); any = true)
            _director.Handle(happened);
        // A file is made in frames, which a minimised window has none of.
        if (_director is { IsLeaving: true, IsOver: false } && _window.IsMinimised)
            _window.Restore();
        return any;
    }

    private bool DrawFrame(Session session)
    {
        if (session.Draw(_sinceLastFrame, _window.Scale, _overlay, _numbers, _options.Slice(session.IsCpu)) is null)
            return false;
        _scoreboard.Tick(session, _clock.Elapsed.TotalSeconds);
        if (_options.Mailbox)
            Thread.Sleep(TimeSpan.FromMilliseconds(Math.Max(0, 1000.0 / _window.RefreshRate - _scoreboard.SinceTickInMilliseconds)));
        return true;
    }
}
