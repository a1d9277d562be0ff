using Silk.NET.Vulkan;
using Titok.Demo.Windowing;

namespace Titok.Demo.Graphics;

/// <summary>The images that a window shows in turn, made anew whenever the window changes its size or loses them.</summary>
internal sealed unsafe class Swapchain : IFrameTarget
{
    /// <summary>A window that shows nothing hands out no image: after so long the frame is left out.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private readonly GraphicsDevice _device;
    private readonly Window _window;
    private readonly SwapchainFunctions _functions;
    private readonly bool _mailbox;
    private readonly SurfaceFormatKHR _format;
    private readonly List<ImageView> _views = [];
    private readonly List<Silk.NET.Vulkan.Semaphore> _drawn = [];
    private Surface _surface;
    private SwapchainKHR _swapchain;
    private bool _isStale = true;

    /// <param name="device">Device.</param>
    /// <param name="window">Window.</param>
    /// <param name="surface">The window's, which now belongs to the swapchain.</param>
    /// <param name="mailbox">Whether to show the newest frame at each refresh, and not each in turn.</param>
    public Swapchain(GraphicsDevice device, Window window, Surface surface, bool mailbox)
    {
        (_device, _window, _surface, _mailbox, _functions) = (device, window, surface, mailbox, new SwapchainFunctions(device));
        _format = surface.ChooseFormat(device.Adapter.Handle);
    }

    public int Width { get; private set; }

    public int Height { get; private set; }

    /// <summary>For good, as pipelines are built for it.</summary>
    public Format Format => _format.Format;

    public ImageLayout FinalLayout => ImageLayout.PresentSrcKhr;

    public IReadOnlyList<ImageView> Views => _views;

    public int Generation { get; private set; }

    public bool SignalsAcquired => true;

    public int? Acquire(Silk.NET.Vulkan.Semaphore acquired)
    {
        const int Tries = 3;
        for (int attempt = 0; attempt < Tries; attempt++)
        {
            if ((_isStale || _window.PixelSize != (Width, Height)) && !Renew())
                return null;
            switch (_functions.Acquire(_swapchain, s_patience, acquired, out uint image))
            {
                case Result.Success:
                    return (int)image;
                case Result.SuboptimalKhr:
                    _isStale = true;
                    return (int)image;
                case Result.Timeout or Result.NotReady:
                    return null;
                case Result.ErrorOutOfDateKhr:
                    _isStale = true;
                    break;
                case Result.ErrorSurfaceLostKhr:
                    RenewSurface();
                    break;
                case Result failed:
                    VulkanCall.Check(failed, "Vk.AcquireNextImage()");
                    break;
            }
        }
        return null;
    }

    public Silk.NET.Vulkan.Semaphore Drawn(int image) => _drawn[image];

    public void AfterDrawing(CommandBuffer commands, int image)
    {
    }

    public void Present(int image)
    {
        switch (_functions.Present(_swapchain, (uint)image, _drawn[image]))
        {
            case Result.Success:
                break;
            case Result.SuboptimalKhr or Result.ErrorOutOfDateKhr:
                _isStale = true;
                break;
            case Result.ErrorSurfaceLostKhr:
                RenewSurface();
                break;
            case Result failed:
                VulkanCall.Check(failed, "Vk.QueuePresent()");
                break;
        }
    }

    public void Dispose()
    {
        DestroyImages();
        if (_swapchain.Handle != 0)
            _functions.Destroy(_swapchain);
        _surface.Dispose();
    }

    /// <summary>Makes the images anew; false where the window has no size now.</summary>
    private bool Renew()
    {
        if (_surface.Capabilities(_device.Adapter.Handle) is not { } capabilities)
        {
            RenewSurface();
            return false;
        }
        Extent2D extent = Extent(capabilities);
        if (extent.Width == 0 || extent.Height == 0)
            return false;
        _device.WaitIdle();
        DestroyImages();
        uint count = Math.Max(3, capabilities.MinImageCount);
        var info = new SwapchainCreateInfoKHR
        {
            SType = StructureType.SwapchainCreateInfoKhr,
            Surface = _surface.Handle,
            MinImageCount = capabilities.MaxImageCount == 0 ? count : Math.Min(count, capabilities.MaxImageCount),
            ImageFormat = _format.Format,
            ImageColorSpace = _format.ColorSpace,
            ImageExtent = extent,
            ImageArrayLayers = 1,
            ImageUsage = ImageUsageFlags.ColorAttachmentBit,
            PreTransform = capabilities.CurrentTransform,
            CompositeAlpha = capabilities.SupportedCompositeAlpha.HasFlag(CompositeAlphaFlagsKHR.OpaqueBitKhr)
                ? CompositeAlphaFlagsKHR.OpaqueBitKhr : CompositeAlphaFlagsKHR.InheritBitKhr,
            PresentMode = _surface.ChoosePresentMode(_device.Adapter.Handle, _mailbox),
            Clipped = true,
            OldSwapchain = _swapchain,
        };
        SwapchainKHR old = _swapchain;
        Result result = _functions.Create(in info, out SwapchainKHR made);
        _swapchain = result == Result.Success ? made : default;
        if (old.Handle != 0)
            _functions.Destroy(old);
        if (result == Result.ErrorSurfaceLostKhr)
            RenewSurface();
        if (result is Result.ErrorSurfaceLostKhr or Result.ErrorNativeWindowInUseKhr)
            return false;
        VulkanCall.Check(result, "Vk.CreateSwapchain()");
        foreach (Image image in _functions.Images(_swapchain))
        {
            _views.Add(_device.CreateView(image, Format, isArray: false, 1));
            _drawn.Add(_device.CreateSemaphore());
        }
        (Width, Height, _isStale) = ((int)extent.Width, (int)extent.Height, false);
        Generation++;
        return true;
    }

    private Extent2D Extent(SurfaceCapabilitiesKHR capabilities)
    {
        if (capabilities.CurrentExtent.Width != uint.MaxValue)
            return capabilities.CurrentExtent;
        // Wayland leaves the size to the program.
        (int width, int height) = _window.PixelSize;
        return new Extent2D(
            Math.Clamp((uint)width, capabilities.MinImageExtent.Width, capabilities.MaxImageExtent.Width),
            Math.Clamp((uint)height, capabilities.MinImageExtent.Height, capabilities.MaxImageExtent.Height));
    }

    private void RenewSurface()
    {
        _device.WaitIdle();
        DestroyImages();
        if (_swapchain.Handle != 0)
            _functions.Destroy(_swapchain);
        _surface.Dispose();
        (_swapchain, _isStale) = (default, true);
        _surface = new Surface(_device.Instance, _window);
    }

    private void DestroyImages()
    {
        foreach (ImageView view in _views)
            _device.Vk.DestroyImageView(_device.Handle, view, null);
        foreach (Silk.NET.Vulkan.Semaphore semaphore in _drawn)
            _device.Vk.DestroySemaphore(_device.Handle, semaphore, null);
        _views.Clear();
        _drawn.Clear();
    }
}
