using System.Reflection;
using SkiaSharp;

namespace Titok.Demo.Drawing;

/// <summary>The window's type: Inter, which comes with it, so that it reads the same on a machine that has no fonts.</summary>
internal sealed class Typography : IDisposable
{
    private readonly SKTypeface _regular = Load("Inter-Regular.otf");
    private readonly SKTypeface _semiBold = Load("Inter-SemiBold.otf");
    private readonly Dictionary<(bool, float), SKFont> _fonts = [];
    private readonly SKPaint _paint = new() { IsAntialias = true };

    /// <summary>A font of this size in pixels.</summary>
    public SKFont Font(float size, bool semiBold = false)
    {
        if (!_fonts.TryGetValue((semiBold, size), out SKFont? font))
        {
            font = new SKFont(semiBold ? _semiBold : _regular, size) { Subpixel = true, Edging = SKFontEdging.Antialias, Hinting = SKFontHinting.None };
            _fonts.Add((semiBold, size), font);
        }
        return font;
    }

    /// <summary>Forgets fonts of sizes that a resized window no longer uses.</summary>
    public void Forget()
    {
        foreach (SKFont font in _fonts.Values)
            font.Dispose();
        _fonts.Clear();
    }

    /// <summary>Writes a line and returns its width.</summary>
    public float Write(SKCanvas canvas, string text, float x, float baseline, SKFont font, SKColor color, SKTextAlign align = SKTextAlign.Left)
    {
        _paint.Color = color;
        canvas.DrawText(text, x, baseline, align, font, _paint);
        return font.MeasureText(text);
    }

    /// <summary>As much of a line as fits, with an ellipsis where that is not all.</summary>
    public static string Fit(string text, SKFont font, float width)
    {
        if (font.MeasureText(text) <= width)
            return text;
        int length = text.Length;
        while (length > 1 && font.MeasureText(text[..length] + "…") > width)
            length--;
        return text[..length] + "…";
    }

    public void Dispose()
    {
        Forget();
        _paint.Dispose();
        _regular.Dispose();
        _semiBold.Dispose();
    }

    private static SKTypeface Load(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Titok.Demo.{name}")!;
        using SKData data = SKData.Create(stream);
        return SKTypeface.FromData(data);
    }
}
