using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using Titok.Vulkan.Tests.Checkpoints;

namespace Titok.Vulkan.Tests.Demo;

/// <summary>A screen that nobody sees: Xvfb with a window manager, whose pixels lie in a file, and hands on its keys and mouse.</summary>
internal sealed class VirtualScreen : IDisposable
{
    public const int Width = 1400, Height = 1000;

    private readonly TemporaryFolder _folder = new();
    private readonly Process _server;
    private readonly Process _manager;

    public VirtualScreen()
    {
        foreach (string program in new[] { "Xvfb", "openbox", "xdotool" })
            Assert.SkipUnless(File.Exists($"/usr/bin/{program}"), $"{program} is not installed; on Debian: apt-get install xvfb openbox xdotool");
        Assert.SkipUnless(HasGlfw, "libglfw.so.3 is not installed; on Debian: apt-get install libglfw3");
        // Without -noreset a server begins anew when its last client goes, and turns away whoever connects meanwhile.
        _server = Start("Xvfb", "-displayfd", "1", "-noreset", "-screen", "0", $"{Width}x{Height}x24", "-nolisten", "tcp", "-fbdir", _folder["."]);
        Display = $":{_server.StandardOutput.ReadLine()}";
        // The first key of all is news of a keyboard, upon which a window manager lets go of its own keys for a moment, Alt+F4 among
        // them. So that comes before it.
        Do("key", "Shift_L");
        // A window that opens before it is there gets no keys.
        string started = _folder["started"];
        _manager = Start("openbox", "--startup", $"touch {started}");
        long start = Stopwatch.GetTimestamp();
        while (!File.Exists(started))
        {
            Assert.False(_manager.HasExited, "openbox has ended");
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(60), "openbox does not start");
            Thread.Sleep(50);
        }
    }

    /// <summary>What DISPLAY is to be.</summary>
    public string Display { get; } = "";

    private static bool HasGlfw => System.Runtime.InteropServices.NativeLibrary.TryLoad("libglfw.so.3", out _);

    /// <summary>Runs xdotool and gives what it prints.</summary>
    public string Do(params string[] arguments)
    {
        using Process process = Start("xdotool", arguments);
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output;
    }

    /// <summary>The window of this title, once it is there.</summary>
    public ScreenWindow Find(string title, TimeSpan patience)
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < patience)
        {
            string found = Do("search", "--onlyvisible", "--name", $"^{title}$").Trim();
            if (found.Length != 0)
                return new ScreenWindow(this, found.Split('\n')[^1]);
            Thread.Sleep(200);
        }
        Assert.Fail($"no window '{title}' within {patience}");
        return null!;
    }

    /// <summary>RGB of a part of the screen as it is now; black where it is off the screen, as a moving window may be.</summary>
    internal Shot Read(int left, int top, int width, int height)
    {
        byte[] dump = File.ReadAllBytes(_folder["Xvfb_screen0"]);
        int Field(int index) => (int)BinaryPrimitives.ReadUInt32BigEndian(dump.AsSpan(4 * index));
        int pixel = Field(11) / 8, stride = Field(12), first = Field(0) + 12 * Field(19);
        byte[] rgb = new byte[3 * width * height];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                if (left + x < 0 || left + x >= Field(4) || top + y < 0 || top + y >= Field(5))
                    continue;
                // Blue, green, red.
                ReadOnlySpan<byte> p = dump.AsSpan(first + (top + y) * stride + (left + x) * pixel, 3);
                (rgb[3 * (y * width + x)], rgb[3 * (y * width + x) + 1], rgb[3 * (y * width + x) + 2]) = (p[2], p[1], p[0]);
            }
        }
        return new Shot(width, height, rgb);
    }

    public void Dispose()
    {
        foreach (Process? process in new[] { _manager, _server })
        {
            if (process is null)
                continue;
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }
        _folder.Dispose();
    }

    private Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DISPLAY"] = Display;
        Process process = Process.Start(start)!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        return process;
    }
}

/// <summary>A window on it.</summary>
internal sealed class ScreenWindow(VirtualScreen screen, string id)
{
    private (int X, int Y)? _origin;

    public void Key(params string[] keys) => screen.Do(["key", "--window", "0", .. keys]);

    public void Type(string text) => screen.Do("type", "--delay", "60", text);

    public void Click(float x, float y, int button = 1) => screen.Do(
        "mousemove", "--window", id, Text(x), Text(y), "click", button.ToString(CultureInfo.InvariantCulture));

    /// <summary>Drops files onto its middle, as from a file manager.</summary>
    public void Drop(params string[] paths)
    {
        (int left, int top, int width, int height) = Place;
        using var drag = new FileDrag(screen.Display);
        drag.Drop(nuint.Parse(id, CultureInfo.InvariantCulture), left + width / 2, top + height / 2, paths);
    }

    public void Resize(int width, int height) => screen.Do("windowsize", id, Text(width), Text(height));

    public void Minimise() => screen.Do("windowminimize", id);

    public void Restore() => screen.Do("windowactivate", id);

    /// <summary>Size as the server has it, and where its top left corner is on the screen.</summary>
    public (int Left, int Top, int Width, int Height) Place
    {
        get
        {
            // What xdotool says of a window's position counts its frame twice; a pointer sent to its corner is where it is.
            screen.Do("mousemove", "--window", id, "0", "0");
            Dictionary<string, int> pointer = Numbers(screen.Do("getmouselocation", "--shell")), geometry = Numbers(screen.Do("getwindowgeometry", "--shell", id));
            return (pointer["X"], pointer["Y"], geometry["WIDTH"], geometry["HEIGHT"]);
        }
    }

    /// <summary>To be called when it may have moved.</summary>
    public void LookAnew() => _origin = null;

    public bool IsThere => screen.Do("getwindowname", id).Trim().Length != 0;

    public Shot Read()
    {
        // Asking where it is moves the pointer, so that is done once.
        if (_origin is null)
        {
            (int left, int top, _, _) = Place;
            _origin = (left, top);
        }
        Dictionary<string, int> geometry = Numbers(screen.Do("getwindowgeometry", "--shell", id));
        return screen.Read(_origin.Value.X, _origin.Value.Y, geometry["WIDTH"], geometry["HEIGHT"]);
    }

    private static Dictionary<string, int> Numbers(string lines) => lines.Split('\n')
        .Select(line => line.Split('=')).Where(pair => pair.Length == 2 && int.TryParse(pair[1], out _))
        .ToDictionary(pair => pair[0], pair => int.Parse(pair[1], CultureInfo.InvariantCulture));

    private static string Text(float value) => ((int)value).ToString(CultureInfo.InvariantCulture);
}
