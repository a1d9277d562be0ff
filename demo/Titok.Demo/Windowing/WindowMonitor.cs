namespace Titok.Demo.Windowing;

/// <summary>A monitor, with where it lies among the others.</summary>
/// <param name="Handle">GLFW's handle.</param>
/// <param name="Left">In screen coordinates.</param>
/// <param name="Top">In screen coordinates.</param>
/// <param name="Width">In screen coordinates.</param>
/// <param name="Height">In screen coordinates.</param>
/// <param name="RefreshRate">Refreshes a second; 0 if that is not known.</param>
internal readonly record struct WindowMonitor(nint Handle, int Left, int Top, int Width, int Height, int RefreshRate)
{
    /// <summary>The monitor that shows a window's middle, or the first; null where there is none.</summary>
    /// <param name="window">GLFW's handle.</param>
    public static unsafe WindowMonitor? Under(nint window)
    {
        int x, y, width, height, count;
        Glfw.GetWindowPos(window, &x, &y);
        Glfw.GetWindowSize(window, &width, &height);
        nint* handles = Glfw.GetMonitors(&count);
        var monitors = new List<WindowMonitor>();
        for (int i = 0; i < count; i++)
        {
            int left, top;
            Glfw.GetMonitorPos(handles[i], &left, &top);
            // One that is just being unplugged has none.
            Glfw.VideoMode* mode = Glfw.GetVideoMode(handles[i]);
            if (mode != null)
                monitors.Add(new WindowMonitor(handles[i], left, top, mode->Width, mode->Height, mode->RefreshRate));
        }
        (int middleX, int middleY) = (x + width / 2, y + height / 2);
        int middle = monitors.FindIndex(m => m.Contains(middleX, middleY));
        return monitors.Count == 0 ? null : monitors[Math.Max(0, middle)];
    }

    private bool Contains(int x, int y) => x >= Left && y >= Top && x < Left + Width && y < Top + Height;
}
