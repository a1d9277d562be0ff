using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Titok.Demo.Windowing;

/// <summary>The window on the screen.</summary>
internal sealed unsafe class Window : IDisposable
{
    private const int MinWidth = 320, MinHeight = 240;

    private readonly nint _handle;
    private readonly WindowEvents _events;
    private (int X, int Y, int Width, int Height) _windowed;

    /// <summary>Opens a window.</summary>
    /// <param name="width">In screen coordinates.</param>
    /// <param name="height">In screen coordinates.</param>
    /// <param name="title">Of the title bar.</param>
    /// <exception cref="DemoException">GLFW is not installed, there is no display, or no Vulkan for it.</exception>
    public Window(int width, int height, string title)
    {
        if (!Glfw.IsInstalled())
            throw new DemoException($"GLFW is not installed; {InstallGlfw}");
        if (Glfw.Init() == Glfw.False)
            throw new DemoException($"no window can be opened: {Reason()} (--frames N --capture DIR works without a display)");
        try
        {
            if (Glfw.VulkanSupported() == Glfw.False)
                throw new DemoException("GLFW finds no Vulkan that can draw to a window; titok doctor says what is missing");
            Glfw.WindowHint(Glfw.ClientApi, Glfw.NoApi);
            Glfw.WindowHint(Glfw.ScaleToMonitor, Glfw.True);
            // On stage it fills one monitor while somebody works on another.
            Glfw.WindowHint(Glfw.AutoIconify, Glfw.False);
            _handle = Glfw.CreateWindow(width, height, title, 0, 0);
            if (_handle == 0)
                throw new DemoException($"no window can be opened: {Reason()}");
        }
        catch
        {
            Glfw.Terminate();
            throw;
        }
        Glfw.SetWindowSizeLimits(_handle, MinWidth, MinHeight, Glfw.DontCare, Glfw.DontCare);
        _events = new WindowEvents(_handle);
    }

    /// <summary>GLFW's handle.</summary>
    public nint Handle => _handle;

    /// <summary>Whether it is shrunk to an icon.</summary>
    public bool IsMinimised => Glfw.GetWindowAttrib(_handle, Glfw.Iconified) != Glfw.False;

    /// <summary>Whether it fills a monitor.</summary>
    public bool IsFullScreen => Glfw.GetWindowMonitor(_handle) != 0;

    /// <summary>Size in pixels.</summary>
    public (int Width, int Height) PixelSize
    {
        get
        {
            int width, height;
            Glfw.GetFramebufferSize(_handle, &width, &height);
            return (width, height);
        }
    }

    /// <summary>Pixels to a unit of type and margins: 1 on plain screens, 2 on dense ones.</summary>
    public float Scale
    {
        get
        {
            float x, y;
            Glfw.GetWindowContentScale(_handle, &x, &y);
            return Math.Clamp(MathF.Max(x, y), 1, 4);
        }
    }

    /// <summary>Refreshes a second of the monitor it is on; 60 if that cannot be told.</summary>
    public int RefreshRate
    {
        get
        {
            int rate = WindowMonitor.Under(_handle)?.RefreshRate ?? 0;
            return rate > 0 ? rate : 60;
        }
    }

    private static string InstallGlfw => OperatingSystem.IsWindows() ? "put glfw3.dll beside titok.exe"
        : OperatingSystem.IsMacOS() ? "install it with: brew install glfw"
        : "on Debian: apt-get install libglfw3";

    /// <summary>Looks what has happened, for <see cref="TryTake"/> to give.</summary>
    /// <param name="wait">Whether to wait up to half a second where nothing has.</param>
    public void Poll(bool wait)
    {
        if (wait)
            Glfw.WaitEventsTimeout(0.5);
        else
            Glfw.PollEvents();
    }

    /// <summary>Gives what happened, one after another; false when that was all.</summary>
    public bool TryTake([NotNullWhen(true)] out WindowEvent? happened) => _events.TryTake(out happened);

    /// <summary>The extensions that a Vulkan instance needs to draw to it.</summary>
    public static IReadOnlyList<string> RequiredInstanceExtensions()
    {
        uint count;
        byte** names = Glfw.GetRequiredInstanceExtensions(&count);
        if (names == null)
            throw new DemoException("this display has no Vulkan surface; titok doctor says what is missing");
        var list = new List<string>();
        for (uint i = 0; i < count; i++)
            list.Add(Marshal.PtrToStringUTF8((nint)names[i]) ?? "");
        return list;
    }

    /// <summary>Fills the monitor that most of it is on, or goes back to where it was.</summary>
    public void ToggleFullScreen()
    {
        if (IsFullScreen)
        {
            Glfw.SetWindowMonitor(_handle, 0, _windowed.X, _windowed.Y, _windowed.Width, _windowed.Height, Glfw.DontCare);
            return;
        }
        if (WindowMonitor.Under(_handle) is not { } monitor)
            return;
        int x, y, width, height;
        Glfw.GetWindowPos(_handle, &x, &y);
        Glfw.GetWindowSize(_handle, &width, &height);
        _windowed = (x, y, width, height);
        Glfw.SetWindowMonitor(_handle, monitor.Handle, 0, 0, monitor.Width, monitor.Height, monitor.RefreshRate);
    }

    /// <summary>Brings it back from an icon.</summary>
    public void Restore() => Glfw.RestoreWindow(_handle);

    /// <inheritdoc/>
    public void Dispose()
    {
        Glfw.DestroyWindow(_handle);
        Glfw.Terminate();
        _events.Dispose();
    }

    private static string Reason() => Glfw.LastError() is { } error ? error.Split('\n')[0] : "GLFW does not say why";
}
