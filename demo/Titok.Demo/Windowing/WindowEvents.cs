using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Titok.Demo.Windowing;

/// <summary>What people do to a window, in order, as GLFW calls back to tell it.</summary>
internal sealed unsafe class WindowEvents : IDisposable
{
    private const double DoubleClickInSeconds = 0.35;
    private const float DoubleClickReach = 6;

    private readonly nint _window;
    private readonly GCHandle _self;
    private readonly Queue<WindowEvent> _events = new();
    private (long Time, float X, float Y) _lastClick;
    private float _mouseX, _mouseY;

    /// <param name="window">GLFW's handle of a window that is there as long as this is.</param>
    public WindowEvents(nint window)
    {
        _window = window;
        _self = GCHandle.Alloc(this);
        Glfw.SetWindowUserPointer(window, GCHandle.ToIntPtr(_self));
        Glfw.SetFramebufferSizeCallback(window, &OnResize);
        Glfw.SetWindowRefreshCallback(window, &OnRefresh);
        Glfw.SetWindowCloseCallback(window, &OnClose);
        Glfw.SetKeyCallback(window, &OnKey);
        Glfw.SetCharCallback(window, &OnCharacter);
        Glfw.SetMouseButtonCallback(window, &OnMouseButton);
        Glfw.SetCursorPosCallback(window, &OnCursor);
        Glfw.SetScrollCallback(window, &OnScroll);
        Glfw.SetDropCallback(window, &OnDrop);
    }

    /// <summary>Gives what happened, one after another; false when that was all.</summary>
    public bool TryTake([NotNullWhen(true)] out WindowEvent? happened) => _events.TryDequeue(out happened);

    public void Dispose() => _self.Free();

    private static WindowEvents Of(nint handle) => (WindowEvents)GCHandle.FromIntPtr(Glfw.GetWindowUserPointer(handle)).Target!;

    /// <summary>Screen coordinates to pixels.</summary>
    private (float X, float Y) ToPixels(double x, double y)
    {
        int width, height, pixelWidth, pixelHeight;
        Glfw.GetWindowSize(_window, &width, &height);
        Glfw.GetFramebufferSize(_window, &pixelWidth, &pixelHeight);
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
        WindowEvents self = Of(window);
        self._events.Enqueue(action == Glfw.Press
            ? new MousePressed(self._mouseX, self._mouseY, button, button == 0 && self.IsSecondClick())
            : new MouseReleased(self._mouseX, self._mouseY, button));
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnCursor(nint window, double x, double y)
    {
        WindowEvents self = Of(window);
        (self._mouseX, self._mouseY) = self.ToPixels(x, y);
        self._events.Enqueue(new MouseMoved(self._mouseX, self._mouseY));
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnScroll(nint window, double x, double y)
    {
        WindowEvents self = Of(window);
        self._events.Enqueue(new MouseScrolled(self._mouseX, self._mouseY, (float)y));
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnDrop(nint window, int count, byte** paths)
    {
        Of(window)._events.Enqueue(FilesDropped.Read(count, paths));
    }
}
