using System.Numerics;
using SkiaSharp;

namespace Titok.Demo.Drawing;

/// <summary>The colours of the window: light on a dark ground, and a ramp from a picture's first step to its last.</summary>
internal static class Palette
{
    public static readonly Vector4 Ground = Rgb(0x0A0B0F);
    public static readonly Vector4 MaskedToken = Rgb(0x1A1E26);
    public static readonly Vector4 Selection = Rgb(0xF4F1EA);
    public static readonly Vector4 Clear = default;

    public static readonly SKColor Text = new(0xFFEDEBE6);
    public static readonly SKColor Quiet = new(0xFF949AA6);
    public static readonly SKColor Faint = new(0xFF7B838F);
    public static readonly SKColor Accent = new(0xFFFFC46B);
    public static readonly SKColor Chip = new(0xFF171A21);
    public static readonly SKColor Sheet = new(0xF2101319);
    public static readonly SKColor Line = new(0xFF262B35);

    private static readonly Vector4[] s_ramp = [Rgb(0x3D4FC4), Rgb(0x8A4FD3), Rgb(0xD9519D), Rgb(0xFF7E5F), Rgb(0xFFC46B), Rgb(0xFFE9B8)];

    /// <summary>The colour of a token fixed in a step, from cool at the first to warm at the last.</summary>
    public static Vector4 Step(int step, int steps)
    {
        float at = steps <= 1 ? s_ramp.Length - 1 : Math.Clamp(step / (float)(steps - 1), 0, 1) * (s_ramp.Length - 1);
        int lower = Math.Min((int)at, s_ramp.Length - 2);
        return Vector4.Lerp(s_ramp[lower], s_ramp[lower + 1], at - lower);
    }

    public static Vector4 WithAlpha(this Vector4 color, float alpha) => color with { W = alpha };

    private static Vector4 Rgb(int rgb) => new((rgb >> 16 & 255) / 255f, (rgb >> 8 & 255) / 255f, (rgb & 255) / 255f, 1);
}
