using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Titok.Demo.Windowing;

/// <summary>The window on the screen and what people do to it.</summary>
internal sealed unsafe class Window : IDisposable
{
    private const int MinWidth = 320, MinHeight = 240;
    private const double DoubleClickInSeconds = 0.35;
    private const float DoubleClickReach = 6;

    private readonly nint _handle;
    private readonly GCHandle _self;
    private readonly Queue<WindowEvent> _events = new();
    private (int X, int Y, int Width, int Height) _windowed;
    private (long Time, float X, float Y) _lastClick;
    private float _mouseX, _mouseY;

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
        _self = GCHandle.Alloc(this);
        Glfw.SetWindowUserPointer(_handle, GCHandle.ToIntPtr(_self));
        Glfw.SetWindowSizeLimits(_handle, MinWidth, MinHeight, Glfw.DontCare, Glfw.DontCare);
        Glfw.SetFramebufferSizeCallback(_handle, &OnResize);
        Glfw.SetWindowRefreshCallback(_handle, &OnRefresh);
        Glfw.SetWindowCloseCallback(_handle, &OnClose);
        Glfw.SetKeyCallback(_handle, &OnKey);
        Glfw.SetCharCallback(_handle, &OnCharacter);
        Glfw.SetMouseButtonCallback(_handle, &OnMouseButton);
        Glfw.SetCursorPosCallback(_handle, &OnCursor);
        Glfw.SetScrollCallback(_handle, &OnScroll);
        Glfw.SetDropCallback(_handle, &OnDrop);
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
    public bool TryTake([NotNullWhen(true)] out WindowEvent? happened) => _events.TryDequeue(out happened);

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
        _self.Free();
    }

    private static string Reason() => Glfw.LastError() is { } error ? error.Split('\n')[0] : "GLFW does not say why";

    private static Window Of(nint handle) => (Window)GCHandle.FromIntPtr(Glfw.GetWindowUserPointer(handle)).Target!;

    /// <summary>Screen coordinates to pixels.</summary>
    private (float X, float Y) ToPixels(double x, double y)
    {
        int width, height;
        Glfw.GetWindowSize(_handle, &width, &height);
        (int pixelWidth, int pixelHeight) = PixelSize;
        return width <= 0 || height <= 0 ? (0, 0) : ((float)(x * pixelWidth / width), (float)(y * pixelHeight / height));
    }

    private bool IsSecondClick()
    {
        long now = Stopwatch.GetTimestamp();
        bool second = Stopwatch.GetElapsedTime(_lastClick.Time, now).TotalSeconds < DoubleClickInSeconds
            && MathF.Abs(_mouseX - _lastClick.X) < DoubleClickReach && MathF.Abs(_mouseY - _lastClick.Y) < DoubleClickReach;
        // A third click is the first of another pair.
        _lastClick = (second ? 0 : now, _mouseX, _mouseY);
        return second;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnResize(nint window, int width, int height) => Of(window)._events.Enqueue(new RedrawRequested());

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnRefresh(nint window) => Of(window)._events.Enqueue(new RedrawRequested());

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnClose(nint window) => Of(window)._events.Enqueue(new CloseRequested());

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnKey(nint window, int key, int scancode, int action, int modifiers)
    {
        if (action != Glfw.Release)
        {
            Key labelled = KeyNames.Labelled((Key)key, Marshal.PtrToStringUTF8((nint)Glfw.GetKeyName(key, scancode)));
            Of(window)._events.Enqueue(new KeyPressed(labelled, (Modifiers)(modifiers & 3), action == Glfw.Repeat));
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnCharacter(nint window, uint codepoint)
    {
        if (Rune.TryCreate(codepoint, out Rune character))
            Of(window)._events.Enqueue(new CharacterTyped(character.ToString()));
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnMouseButton(nint window, int button, int action, int modifiers)
    {
        Window self = Of(window);
        self._events.Enqueue(action == Glfw.Press
            ? new MousePressed(self._mouseX, self._mouseY, button, button == 0 && self.IsSecondClick())
            : new MouseReleased(self._mouseX, self._mouseY, button));
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnCursor(nint window, double x, double y)
    {
        Window self = Of(window);
        (self._mouseX, self._mouseY) = self.ToPixels(x, y);
        self._events.Enqueue(new MouseMoved(self._mouseX, self._mouseY));
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnScroll(nint window, double x, double y)
    {
        Window self = Of(window);
        self._events.Enqueue(new MouseScrolled(self._mouseX, self._mouseY, (float)y));
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnDrop(nint window, int count, byte** paths)
    {
        Of(window)._events.Enqueue(FilesDropped.Read(count, paths));
    }
}
