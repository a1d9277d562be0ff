using Titok.Vulkan;

namespace Titok.Demo;

/// <summary>What the window is opened with.</summary>
public sealed record DemoOptions
{
    private const double GpuSliceInMilliseconds = 6, CpuSliceInMilliseconds = 24;

    /// <summary>A model folder, or the tokenizer's folder or file.</summary>
    public required string TokenizerPath { get; init; }

    /// <summary>A model folder, or the generator's folder or file.</summary>
    public required string GeneratorPath { get; init; }

    /// <summary>What is known of the model without a device.</summary>
    public required TitokModelInfo Model { get; init; }

    /// <summary>How weights are stored.</summary>
    public TitokPrecision Precision { get; init; }

    /// <summary>How those of the generator's linear layers are.</summary>
    public TitokGeneratorWeights GeneratorWeights { get; init; }

    /// <summary>Number of the device, or part of its name; null for the best that can show pictures.</summary>
    public string? Device { get; init; }

    /// <summary>Window's size, or that of the frames written.</summary>
    public int Width { get; init; } = 1280;

    /// <summary>Window's size, or that of the frames written.</summary>
    public int Height { get; init; } = 800;

    /// <summary>Pictures on the wall, 1 to 64.</summary>
    public int Pictures { get; init; } = 18;

    /// <summary>The one class of all pictures; null for all classes in turn.</summary>
    public int? Class { get; init; }

    /// <summary>Where seeds begin.</summary>
    public ulong Seed { get; init; }

    /// <summary>A picture to show as tokens and back at first; null for none.</summary>
    public string? Picture { get; init; }

    /// <summary>Milliseconds of the device that generating may take in a frame; null to suit the device.</summary>
    public double? SliceInMilliseconds { get; init; }

    /// <summary>Whether to show the newest frame at each refresh instead of every frame in turn.</summary>
    public bool Mailbox { get; init; }

    /// <summary>Ends by itself after so many seconds; null to go on.</summary>
    public double? Seconds { get; init; }

    /// <summary>Without a window: how many frames to draw; null for a window.</summary>
    public int? Frames { get; init; }

    /// <summary>Folder that frames without a window are written to; null to draw them in real time, 60 a second, for the statistics.</summary>
    public string? CaptureFolder { get; init; }

    /// <summary>Folder for pictures that are saved.</summary>
    public string SaveFolder { get; init; } = ".";

    /// <summary>File for what was measured, as JSON, "-" for stdout; null for none.</summary>
    public string? StatisticsFile { get; init; }

    /// <summary>What generating may take of a frame.</summary>
    internal TitokSlice Slice(bool isCpu) => TitokSlice.Milliseconds(SliceInMilliseconds ?? (isCpu ? CpuSliceInMilliseconds : GpuSliceInMilliseconds));
}
