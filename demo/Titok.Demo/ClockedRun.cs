using Titok.Vulkan;

namespace Titok.Demo;

/// <summary>
/// The window's pace without a window: frames in real time, and a clock of 60 Hz in the display's place. A frame begins at a
/// tick and counts as shown at the first tick by which the device has done it, its slice of generating included: so one
/// that takes longer than an interval is late, where a window could still hide that behind the frame before.
/// </summary>
internal static class ClockedRun
{
    private const double RefreshInHertz = 60;

    public static void Run(DemoOptions options, CancellationToken cancellation)
    {
        using var scene = new OffscreenScene(options, cancellation);
        TitokSlice slice = options.Slice(scene.Session.IsCpu);
        double shown = 0, before = 0;
        for (int number = 0; number < options.Frames; number++)
        {
            cancellation.ThrowIfCancellationRequested();
            scene.Draw((float)Math.Min(0.1, shown - before), slice);
            before = shown;
            shown = Math.Max(before + 1 / RefreshInHertz, Math.Ceiling(scene.Elapsed * RefreshInHertz) / RefreshInHertz);
            Thread.Sleep(TimeSpan.FromSeconds(Math.Max(0, shown - scene.Elapsed)));
            scene.Scoreboard.Tick(scene.Session, scene.Elapsed);
        }
        scene.Finish(RefreshInHertz);
    }
}
