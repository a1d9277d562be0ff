namespace Titok.Cli.Commands;

/// <summary>From the process's start to its first picture, in milliseconds.</summary>
/// <param name="Process">Until the device is opened: runtime, command line, random weights where they are made.</param>
/// <param name="Device">Opening the device.</param>
/// <param name="Load">Choosing kernels for the device, where that is not known; reading, uploading and packing weights.</param>
/// <param name="Pipelines">Building kernels, threads that build at once added up; part of the load and of the first picture.</param>
/// <param name="FirstPicture">The first run.</param>
internal sealed record BenchStartup(double Process, double Device, double Load, double Pipelines, double FirstPicture)
{
    public double Total => Process + Device + Load + FirstPicture;

    /// <summary>Milliseconds since the process was started.</summary>
    public static double MillisecondsOfProcess()
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        return (DateTime.Now - process.StartTime).TotalMilliseconds;
    }
}
