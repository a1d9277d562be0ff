using System.Globalization;

namespace Titok.Cli.Display;

/// <summary>Sizes as people read them.</summary>
internal static class ByteSize
{
    public static string Format(long bytes) => bytes switch
    {
        < 1 << 10 => $"{bytes} B",
        < 1 << 20 => Text(bytes, 10, "KiB"),
        < 1 << 30 => Text(bytes, 20, "MiB"),
        _ => Text(bytes, 30, "GiB"),
    };

    private static string Text(long bytes, int shift, string unit)
    {
        double value = bytes / (double)(1L << shift);
        return string.Create(CultureInfo.InvariantCulture, $"{value.ToString(value < 100 ? "0.0" : "0", CultureInfo.InvariantCulture)} {unit}");
    }
}
