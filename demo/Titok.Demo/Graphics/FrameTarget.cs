using Silk.NET.Vulkan;

namespace Titok.Demo.Graphics;

/// <summary>What frames are drawn into: a window's swapchain, or images that are read back.</summary>
internal interface IFrameTarget : IDisposable
{
    /// <summary>Pixels across.</summary>
    int Width { get; }

    /// <summary>Pixels down.</summary>
    int Height { get; }

    /// <summary>The format of all its images.</summary>
    Format Format { get; }

    /// <summary>The layout in which a finished frame is handed on.</summary>
    ImageLayout FinalLayout { get; }

    /// <summary>Its images, to make framebuffers of; they change when <see cref="Generation"/> does.</summary>
    IReadOnlyList<ImageView> Views { get; }

    /// <summary>Counts up whenever the images are made anew.</summary>
    int Generation { get; }

    /// <summary>The next image to draw into; null where there is none right now, as in a minimised window.</summary>
    /// <param name="acquired">Signalled when it may be drawn into; null handle where it may be at once.</param>
    int? Acquire(Silk.NET.Vulkan.Semaphore acquired);

    /// <summary>What to signal when the image is drawn; null handle for nothing.</summary>
    Silk.NET.Vulkan.Semaphore Drawn(int image);

    /// <summary>Whether <see cref="Acquire"/> signals its semaphore.</summary>
    bool SignalsAcquired { get; }

    /// <summary>Records what comes after the frame is drawn.</summary>
    void AfterDrawing(CommandBuffer commands, int image);

    /// <summary>Hands the frame on.</summary>
    void Present(int image);
}
