using System.Diagnostics;
using System.Globalization;
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
    private const double GpuSliceInMilliseconds = 6, CpuSliceInMilliseconds = 24;
    private const int MostLosses = 3;

    private readonly DemoOptions _options;
    private readonly Window _window;
    private readonly GraphicsInstance _instance;
    private readonly Director _director;
    private readonly Overlay _overlay = new();
    private readonly Scoreboard _scoreboard;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private Session _session;
    private bool _isQuitting, _isSwitching;
    private int _losses;
    private int? _fallback;

    private DemoApplication(DemoOptions options)
    {
        _options = options;
        _window = new Window(options.Width, options.Height, "Titok");
        try
        {
            _instance = new GraphicsInstance(Window.RequiredInstanceExtensions());
            _director = Scenes.Create(options, this);
            _session = Open(options.Device);
            _scoreboard = new Scoreboard(options, _director);
        }
        catch
        {
            _instance?.Dispose();
            _window.Dispose();
            throw;
        }
    }

    /// <summary>Shows the window, or writes frames where that is asked for, until it is closed or cancelled.</summary>
    /// <exception cref="DemoException">There is no display, no GLFW, or no device that can show pictures.</exception>
    /// <exception cref="TitokException">The model does not load, or the device fails for good.</exception>
    public static void Run(DemoOptions options, CancellationToken cancellation)
    {
        if (options.Frames is not null)
        {
            FrameWriter.Run(options, cancellation);
            return;
        }
        using var application = new DemoApplication(options);
        application.Run(cancellation);
    }

    void ISceneHost.SavePicture(WallPicture picture) => _session.Keepsakes?.SavePicture(picture);

    void ISceneHost.SaveWall(IReadOnlyList<WallPicture> pictures) => _session.Keepsakes?.SaveWall(pictures);

    Action<int, int> ISceneHost.RecordBirth(Story story) => _session.Keepsakes?.RecordBirth(story) ?? ((_, _) => { });

    void ISceneHost.SwitchDevice() => _isSwitching = true;

    void ISceneHost.ToggleFullScreen() => _window.ToggleFullScreen();

    void ISceneHost.Quit() => _isQuitting = true;

    /// <inheritdoc/>
    public void Dispose()
    {
        _session.Dispose();
        _overlay.Dispose();
        _instance.Dispose();
        _window.Dispose();
    }

    private void Run(CancellationToken cancellation)
    {
        string? picture = _options.Picture;
        bool isIdle = false;
        double last = _clock.Elapsed.TotalSeconds;
        while (!_window.IsClosing && !_isQuitting && !cancellation.IsCancellationRequested && _clock.Elapsed.TotalSeconds < (_options.Seconds ?? double.MaxValue))
        {
            foreach (WindowEvent happened in _window.Poll(wait: isIdle))
                _director.Handle(happened);
            if (_isSwitching)
                SwitchDevice();
            if (picture is not null && _session.Studio is not null)
            {
                // Not before somebody can see what comes of it.
                _director.Open(picture);
                picture = null;
            }
            double now = _clock.Elapsed.TotalSeconds;
            try
            {
                isIdle = _window.IsMinimised || !DrawFrame((float)Math.Min(0.1, now - last));
                if (now > 10)
                    _losses = 0;
            }
            catch (DeviceLostException) when (++_losses <= MostLosses)
            {
                Recover();
            }
            catch (Exception e) when (e is TitokException or DemoException && _fallback is not null)
            {
                // The model does not load on the device that was switched to.
                Reopen(_fallback.Value);
                _director.Say(e.Message);
                _fallback = null;
            }
            last = now;
        }
        if (_options.StatisticsFile is { } file)
            StatisticsFile.Write(file, _scoreboard.Finish(_session, _window.RefreshRate, _clock.Elapsed.TotalSeconds));
    }

    private bool DrawFrame(float seconds)
    {
        double slice = _options.SliceInMilliseconds ?? (_session.IsCpu ? CpuSliceInMilliseconds : GpuSliceInMilliseconds);
        if (_session.Draw(seconds, _window.Scale, _overlay, () => _scoreboard.Describe(_session), TitokSlice.Milliseconds(slice)) is null)
        {
            _scoreboard.Pacing.Pause();
            return false;
        }
        _scoreboard.Tick(_session, _clock.Elapsed.TotalSeconds);
        if (_session.Studio is not null)
            _fallback = null;
        if (_options.Mailbox)
            Thread.Sleep(TimeSpan.FromMilliseconds(Math.Max(0, 1000.0 / _window.RefreshRate - _scoreboard.SinceTickInMilliseconds)));
        return true;
    }

    private Session Open(string? wanted)
    {
        var surface = new Surface(_instance, _window);
        try
        {
            GraphicsAdapter adapter = GraphicsAdapter.Choose(GraphicsAdapter.All(_instance, surface.Supports), wanted, presents: true);
            return Open(adapter, surface);
        }
        catch
        {
            surface.Dispose();
            throw;
        }
    }

    private Session Open(GraphicsAdapter adapter, Surface surface)
    {
        var device = new GraphicsDevice(_instance, adapter, presents: true);
        return new Session(device, new Swapchain(device, _window, surface, _options.Mailbox), _options, _director);
    }

    /// <summary>Goes on with the same device after its driver was reset.</summary>
    private void Recover()
    {
        Reopen(_session.Device.Adapter.Index);
        _director.Say("the GPU was lost; going on with it");
    }

    /// <summary>Begins again on the device of this number.</summary>
    private void Reopen(int device)
    {
        _session.Dispose();
        _director.Forget();
        _session = Open(device.ToString(CultureInfo.InvariantCulture));
    }

    private void SwitchDevice()
    {
        _isSwitching = false;
        GraphicsAdapter current = _session.Device.Adapter;
        IReadOnlyList<GraphicsAdapter> adapters;
        using (var surface = new Surface(_instance, _window))
            adapters = [.. GraphicsAdapter.All(_instance, surface.Supports).OrderBy(a => a.Index)];
        GraphicsAdapter next = adapters.FirstOrDefault(a => a.Index > current.Index) ?? adapters[0];
        if (next.Index == current.Index)
        {
            _director.Say($"{current.Name} is the only device that can show pictures");
            return;
        }
        try
        {
            Reopen(next.Index);
            _fallback = current.Index;
            _director.Say($"now on {next.Name}");
        }
        catch (Exception e) when (e is DemoException or TitokException)
        {
            _session = Open(current.Index.ToString(CultureInfo.InvariantCulture));
            _director.Say(e.Message);
        }
    }
}
