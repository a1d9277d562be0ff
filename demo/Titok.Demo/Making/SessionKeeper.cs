using Titok.Demo.Graphics;
using Titok.Demo.Scene;
using Titok.Vulkan;

namespace Titok.Demo.Making;

/// <summary>Keeps pictures coming: on another device when that is asked for, and when the one they come from is lost.</summary>
internal sealed class SessionKeeper : IDisposable
{
    private const int MaxLosses = 3;
    private const double CalmInSeconds = 10;

    private readonly IScreen _screen;
    private readonly DemoOptions _options;
    private readonly Director _director;
    private GraphicsAdapter? _switchedFrom;
    private int _losses;
    private double _lastLoss;

    /// <param name="screen">Where frames are shown.</param>
    /// <param name="options">Options; the device that they name is the first.</param>
    /// <param name="director">Leads the scene, and is told what happens.</param>
    /// <exception cref="DemoException">There is no device that can show pictures, or not that one.</exception>
    public SessionKeeper(IScreen screen, DemoOptions options, Director director)
    {
        (_screen, _options, _director) = (screen, options, director);
        Session = Open(GraphicsAdapter.Choose(screen.Adapters(), options.Device, presents: true));
    }

    public Session Session { get; private set; }

    /// <summary>Draws a frame. A device that was lost, and one that was switched to and cannot run the model, are replaced.</summary>
    /// <param name="draw">Draws it; false where there is nothing to draw into.</param>
    /// <returns>What <paramref name="draw"/> says, or true where the device was replaced.</returns>
    /// <exception cref="DeviceLostException">It was lost again and again.</exception>
    public bool Draw(Func<Session, bool> draw)
    {
        try
        {
            bool drawn = draw(Session);
            if (Session.Studio is not null)
                _switchedFrom = null;
            return drawn;
        }
        catch (DeviceLostException) when (MayRecover())
        {
            Recover();
        }
        catch (Exception e) when (e is TitokException and not DeviceLostException or DemoException && _switchedFrom is not null)
        {
            GraphicsAdapter before = _switchedFrom!;
            _switchedFrom = null;
            Reopen([before], (_, _) => e.Message);
        }
        return true;
    }

    /// <summary>Goes on with the device that comes after this one, in the order that titok devices lists them.</summary>
    public void Switch()
    {
        GraphicsAdapter current = Session.Device.Adapter;
        GraphicsAdapter[] all = [.. _screen.Adapters().OrderBy(a => a.Index)];
        GraphicsAdapter next = all.FirstOrDefault(a => a.Index > current.Index) ?? all.FirstOrDefault() ?? current;
        if (next.Index == current.Index)
        {
            _director.Say($"{current.Name} is the only device that can draw to this window");
            return;
        }
        Reopen([next, current], (adapter, failure) => failure?.Message ?? $"now on device {adapter.Index}, {adapter.Name}");
        _switchedFrom = Session.Device.Adapter.Index == next.Index ? current : null;
    }

    public void Dispose() => Session.Dispose();

    /// <summary>Whether losses are not so many in a short time that there is no hope.</summary>
    private bool MayRecover()
    {
        if (_director.Now - _lastLoss > CalmInSeconds)
            _losses = 0;
        _lastLoss = _director.Now;
        return ++_losses <= MaxLosses;
    }

    /// <summary>Goes on with the same device, whose driver has been reset, or with another if it is gone.</summary>
    private void Recover()
    {
        GraphicsAdapter lost = Session.Device.Adapter;
        Reopen(
            [lost, .. _screen.Adapters().Where(a => a.Index != lost.Index)],
            (adapter, _) => adapter.Index == lost.Index ? "the GPU was lost, and is back" : $"the GPU was lost; going on with {adapter.Name}");
    }

    /// <summary>Begins again on the first of these devices that can be opened.</summary>
    /// <param name="choices">Devices, the one wanted most first.</param>
    /// <param name="message">What to say, of the device that it is and the first failure before it.</param>
    private void Reopen(IEnumerable<GraphicsAdapter> choices, Func<GraphicsAdapter, Exception?, string> message)
    {
        Session.Dispose();
        _director.Forget();
        Exception? failure = null;
        foreach (GraphicsAdapter adapter in choices)
        {
            try
            {
                Session = Open(adapter);
                _director.Say(message(adapter, failure));
                return;
            }
            catch (Exception e) when (e is TitokException or DemoException)
            {
                failure ??= e;
            }
        }
        throw failure!;
    }

    private Session Open(GraphicsAdapter adapter) => Session.Open(_screen.Open(adapter), _screen.Target, _options, _director);
}
