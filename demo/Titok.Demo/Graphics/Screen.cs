using Titok.Demo.Windowing;

namespace Titok.Demo.Graphics;

/// <summary>Where frames are shown, whichever device draws them.</summary>
internal interface IScreen
{
    /// <summary>The devices that can draw to it, best first.</summary>
    IReadOnlyList<GraphicsAdapter> Adapters();

    /// <summary>A device that draws to it.</summary>
    GraphicsDevice Open(GraphicsAdapter adapter);

    /// <summary>What the device draws into; it belongs to whoever asks.</summary>
    IFrameTarget Target(GraphicsDevice device);
}

/// <summary>A window as a screen.</summary>
internal sealed class WindowScreen(GraphicsInstance instance, Window window, bool mailbox) : IScreen
{
    public IReadOnlyList<GraphicsAdapter> Adapters()
    {
        using var surface = new Surface(instance, window);
        return GraphicsAdapter.All(instance, surface.Supports);
    }

    public GraphicsDevice Open(GraphicsAdapter adapter) => new(instance, adapter, presents: true);

    public IFrameTarget Target(GraphicsDevice device)
    {
        var surface = new Surface(instance, window);
        try
        {
            return new Swapchain(device, window, surface, mailbox);
        }
        catch
        {
            surface.Dispose();
            throw;
        }
    }
}
