using Silk.NET.Vulkan;
using Titok.Demo.Drawing;
using Titok.Demo.Graphics;
using Titok.Demo.Saving;
using Titok.Demo.Scene;
using Titok.Vulkan;

namespace Titok.Demo.Making;

/// <summary>Everything that lives on one device: what draws, and the model, which loads while frames already go by.</summary>
internal sealed class Session : IDisposable
{
    private readonly DemoOptions _options;
    private readonly Director _director;
    private readonly CancellationTokenSource _stop = new();
    private readonly FrameRing _ring;
    private readonly QuadRenderer _renderer;
    private readonly PictureStore _store;
    private readonly PictureReader _reader;
    private readonly Task<TitokModel> _loading;
    private OverlayTexture? _overlay;
    private bool _disposed;

    /// <param name="device">Device, which belongs to the session once there is one.</param>
    /// <param name="target">What it draws into, which does too.</param>
    /// <param name="options">Options.</param>
    /// <param name="director">Leads the scene.</param>
    private Session(GraphicsDevice device, IFrameTarget target, DemoOptions options, Director director)
    {
        (Device, Target, _options, _director) = (device, target, options, director);
        _ring = new FrameRing(device);
        try
        {
            _renderer = new QuadRenderer(device, target);
            _store = new PictureStore(device, director.Model.ImageSize, 2 * Director.Slots);
        }
        catch
        {
            _renderer?.Dispose();
            _ring.Dispose();
            throw;
        }
        _reader = new PictureReader(device, _store);
        IsCpu = device.Adapter.Type == PhysicalDeviceType.Cpu;
        director.MaxAtOnce = IsCpu ? 2 : 8;
        int together = director.BornTogether;
        _loading = Task.Run(() => TitokModel.Load(device, options, together, _stop.Token));
    }

    /// <summary>Begins a session on a device, which is disposed of where that fails.</summary>
    /// <param name="device">Device.</param>
    /// <param name="makeTarget">Makes what it draws into.</param>
    /// <param name="options">Options.</param>
    /// <param name="director">Leads the scene.</param>
    public static Session Open(GraphicsDevice device, Func<GraphicsDevice, IFrameTarget> makeTarget, DemoOptions options, Director director)
    {
        IFrameTarget? target = null;
        try
        {
            target = makeTarget(device);
            return new Session(device, target, options, director);
        }
        catch
        {
            target?.Dispose();
            device.Dispose();
            throw;
        }
    }

    public GraphicsDevice Device { get; }

    public IFrameTarget Target { get; }

    /// <summary>Whether the device is the CPU, which has frames to draw beside.</summary>
    public bool IsCpu { get; }

    /// <summary>Null while the model loads.</summary>
    public Studio? Studio { get; private set; }

    /// <summary>Null while it loads.</summary>
    public TitokModel? Model { get; private set; }

    /// <summary>Null while the model loads.</summary>
    public Keepsakes? Keepsakes { get; private set; }

    /// <summary>Whether another frame would be like the last until somebody does something.</summary>
    public bool IsAtRest => Studio is { IsAtRest: true } && _director.IsStill && _reader.IsIdle && Keepsakes is { IsIdle: true };

    /// <summary>Waits until the model is loaded.</summary>
    public void WaitForModel(CancellationToken cancellation)
    {
        _loading.WaitAsync(cancellation).GetAwaiter().GetResult();
        TakeModel();
    }

    /// <summary>Draws a frame, and has the device work on pictures for a slice of time; null where there is nothing to draw into.</summary>
    public Frame? Draw(float seconds, float scale, Overlay overlay, Func<Session, OverlayContent> numbers, TitokSlice slice)
    {
        if (_loading.IsCompleted && Studio is null)
            TakeModel();
        if (_ring.Begin(Target) is not { } frame)
            return null;
        _reader.Collect(frame);
        Keepsakes?.Report();
        _store.Prepare(frame);
        Layout layout = _director.Advance(seconds, Target.Width, Target.Height, scale);
        Studio?.Record(frame, slice);
        _reader.Record(frame);
        Write(frame, layout, overlay, _director.Describe(numbers(this)));
        _director.Chips = overlay.Chips;
        _renderer.Draw(
            frame, _director.Paint(overlay.Written), _store.Image, _overlay!.Image, Palette.Ground, (float)_director.Shimmer);
        _ring.End(frame, Target);
        return frame;
    }

    /// <summary>Waits until a frame is drawn.</summary>
    public void Wait(Frame frame) => _ring.Wait(frame);

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _stop.Cancel();
        try
        {
            Model ??= _loading.GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is OperationCanceledException or TitokException or DemoException)
        {
            // It told, or is told elsewhere, why it did not load.
        }
        try
        {
            Device.WaitIdle();
            // What somebody has saved is saved, even if it is the last thing that happens.
            _reader.CollectAll();
        }
        catch (DeviceLostException)
        {
            // What is lost waits for nothing.
        }
        Keepsakes?.Finish();
        Studio?.Dispose();
        Model?.Dispose();
        _overlay?.Dispose();
        _reader.Dispose();
        _store.Dispose();
        _renderer.Dispose();
        _ring.Dispose();
        Target.Dispose();
        Device.Dispose();
        _stop.Dispose();
    }

    private void TakeModel()
    {
        Model = _loading.GetAwaiter().GetResult();
        Studio = new Studio(Device, Model, _store, _director);
        Keepsakes = new Keepsakes(_options.SaveFolder, _options.Model, Model.Pipeline.Generator.Info, _reader, _director.Say);
    }

    private void Write(Frame frame, Layout layout, Overlay overlay, OverlayContent content)
    {
        (int First, int Count)? changed = overlay.Draw(layout, content);
        if (_overlay is null || _overlay.Image.Width != layout.Width || _overlay.Image.Height != layout.Height)
        {
            if (_overlay is not null)
                Device.WaitIdle();
            _overlay?.Dispose();
            // Not to be found, and disposed of again, where the next one can't be made.
            _overlay = null;
            _overlay = new OverlayTexture(Device, layout.Width, layout.Height);
            changed = (0, layout.Height);
        }
        if (changed is { } rows)
            _overlay.Update(frame, overlay.Pixels, rows.First, rows.Count);
    }
}
