using System.Text.Json;

namespace Titok.Demo.Measuring;

/// <summary>What was measured while the window was open.</summary>
internal sealed record Statistics
{
    public required string Device { get; init; }

    public required string Driver { get; init; }

    public required FramePacing Pacing { get; init; }

    public required double RefreshInHertz { get; init; }

    public required double Seconds { get; init; }

    public required long Pictures { get; init; }

    public required long Steps { get; init; }

    public required double StepInMilliseconds { get; init; }

    /// <summary>Bytes that the process held once pictures flowed, and in the end.</summary>
    public required (long Early, long Late) Resident { get; init; }

    public required (long Early, long Late) DeviceMemory { get; init; }

    public required int TargetsMade { get; init; }

    public required int? ValidationMessages { get; init; }
}

/// <summary>Writes what was measured as one line of JSON.</summary>
internal static class StatisticsFile
{
    public static void Write(string path, Statistics measured)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
            Write(json, measured);
        buffer.WriteByte((byte)'\n');
        if (path == "-")
        {
            using Stream output = Console.OpenStandardOutput();
            buffer.WriteTo(output);
            return;
        }
        using var files = new Pictures.OutputFiles();
        files.Add(path, buffer.WriteTo);
        files.Commit();
    }

    private static void Write(Utf8JsonWriter json, Statistics measured)
    {
        FramePacing pacing = measured.Pacing;
        json.WriteStartObject();
        json.WriteString("device", measured.Device);
        json.WriteString("driver", measured.Driver);
        json.WriteNumber("seconds", Math.Round(measured.Seconds, 2));
        json.WriteNumber("frames", pacing.Frames);
        json.WriteNumber("frames_per_second", Math.Round(pacing.TotalInMilliseconds > 0 ? 1000 * pacing.Frames / pacing.TotalInMilliseconds : 0, 2));
        json.WriteNumber("refresh_hz", measured.RefreshInHertz);
        json.WriteStartObject("interval_ms");
        json.WriteNumber("median", Math.Round(pacing.Percentile(0.5), 1));
        json.WriteNumber("p95", Math.Round(pacing.Percentile(0.95), 1));
        json.WriteNumber("p99", Math.Round(pacing.Percentile(0.99), 1));
        json.WriteNumber("longest", Math.Round(pacing.LongestInMilliseconds, 1));
        json.WriteEndObject();
        if (pacing.ShareWithin(1500 / measured.RefreshInHertz) is { } share)
            json.WriteNumber("within_1_5_refreshes", Math.Round(share, 5));
        else
            json.WriteNull("within_1_5_refreshes");
        json.WriteNumber("pictures", measured.Pictures);
        json.WriteNumber("steps", measured.Steps);
        json.WriteNumber("pictures_per_second", Math.Round(measured.Seconds > 0 ? measured.Pictures / measured.Seconds : 0, 3));
        json.WriteNumber("step_ms", Math.Round(measured.StepInMilliseconds, 2));
        WriteMemory(json, "resident_bytes", measured.Resident);
        WriteMemory(json, "device_memory_bytes", measured.DeviceMemory);
        json.WriteNumber("targets_made", measured.TargetsMade);
        if (measured.ValidationMessages is { } messages)
            json.WriteNumber("validation_messages", messages);
        json.WriteEndObject();
    }

    private static void WriteMemory(Utf8JsonWriter json, string name, (long Early, long Late) memory)
    {
        json.WriteStartObject(name);
        json.WriteNumber("early", memory.Early);
        json.WriteNumber("late", memory.Late);
        json.WriteEndObject();
    }
}
