using System.Globalization;
using Titok.Demo.Drawing;
using Titok.Demo.Graphics;
using Titok.Demo.Making;
using Titok.Demo.Measuring;
using Titok.Demo.Scene;
using Titok.Pictures;
using Titok.Vulkan;

namespace Titok.Demo;

/// <summary>
/// The window's twin without a display: the same frames, written as PNG files. Time goes by the frame, so that the same
/// options give the same film on a fast machine and a slow one.
/// </summary>
internal static class FrameWriter
{
    private const float SecondsPerFrame = 1 / 30f;

    public static void Run(DemoOptions options, CancellationToken cancellation)
    {
        string folder = options.CaptureFolder!;
        using var instance = new GraphicsInstance([]);
        GraphicsAdapter adapter = GraphicsAdapter.Choose(GraphicsAdapter.All(instance, null), options.Device, presents: false);
        var device = new GraphicsDevice(instance, adapter, presents: false);
        var target = new OffscreenTarget(device, options.Width, options.Height);
        Director director = Scenes.Create(options, new IdleHost());
        var scoreboard = new Scoreboard(options, director);
        using var overlay = new Overlay();
        using var session = new Session(device, target, options, director);
        session.WaitForModel(cancellation);
        if (options.Picture is { } picture)
            director.Open([picture]);
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        for (int number = 0; number < options.Frames; number++)
        {
            cancellation.ThrowIfCancellationRequested();
            director.WaitForFile();
            session.Studio!.WaitForPreparation();
            Frame frame = session.Draw(SecondsPerFrame, scale: 1, overlay, () => scoreboard.Describe(session), TitokSlice.Everything)!.Value;
            session.Wait(frame);
            scoreboard.Tick(session, System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds);
            Write(folder, number, target);
        }
        if (options.StatisticsFile is { } file)
            StatisticsFile.Write(file, scoreboard.Finish(session, 1 / SecondsPerFrame, System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds));
    }

    private static void Write(string folder, int number, OffscreenTarget target)
    {
        byte[] rgba = target.Pixels.ToArray();
        using var files = new OutputFiles();
        files.AddFolder(folder);
        files.Add(
            Path.Combine(folder, $"{number.ToString("0000", CultureInfo.InvariantCulture)}.png"),
            stream => stream.Write(PictureFile.ToPng(rgba, target.Width, target.Height, new Dictionary<string, string>())));
        files.Commit();
    }
}
