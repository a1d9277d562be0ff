using System.Globalization;
using Titok.Demo.Graphics;
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
        using var scene = new OffscreenScene(options, cancellation);
        for (int number = 0; number < options.Frames; number++)
        {
            cancellation.ThrowIfCancellationRequested();
            scene.Director.WaitForFile();
            scene.Session.Studio!.WaitForPreparation();
            scene.Draw(SecondsPerFrame, TitokSlice.Everything);
            scene.Scoreboard.Tick(scene.Session, scene.Elapsed);
            Write(options.CaptureFolder!, number, scene.Target);
        }
        scene.Finish(1 / SecondsPerFrame);
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
