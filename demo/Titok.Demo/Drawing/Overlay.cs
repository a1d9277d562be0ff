using SkiaSharp;

namespace Titok.Demo.Drawing;

/// <summary>What is written on the window, drawn by Skia into a picture as large as it, again only when it changes.</summary>
internal sealed class Overlay : IDisposable
{
    private readonly Typography _type = new();
    private readonly PanelPainter _panel;
    private readonly SheetPainter _sheet;
    private SKSurface? _surface;
    private OverlayContent? _drawn;
    private Layout? _layout;

    public Overlay() => (_panel, _sheet) = (new PanelPainter(_type), new SheetPainter(_type));

    /// <summary>RGBA with multiplied alpha, all rows.</summary>
    public ReadOnlySpan<byte> Pixels => _surface!.PeekPixels().GetPixelSpan();

    /// <summary>The parts of the window that have something written on them.</summary>
    public IReadOnlyList<Box> Written { get; private set; } = [];

    /// <summary>Settings under the pointer, with where they are.</summary>
    public IReadOnlyList<(Box Box, Chip Chip)> Chips => _panel.Chips;

    /// <summary>Draws what has changed, and says which rows; null if none have.</summary>
    public (int First, int Count)? Draw(Layout layout, OverlayContent content)
    {
        bool resized = _layout?.Width != layout.Width || _layout?.Height != layout.Height;
        if (!resized && layout == _layout && _drawn is { } drawn && content.SaysTheSame(drawn))
            return null;
        if (resized)
        {
            _surface?.Dispose();
            _surface = SKSurface.Create(new SKImageInfo(layout.Width, layout.Height, SKColorType.Rgba8888, SKAlphaType.Premul));
            _type.Forget();
        }
        bool inPanelOnly = !resized && layout == _layout && _drawn is { } before && IsPanelOnly(before) && IsPanelOnly(content);
        (_layout, _drawn) = (layout, content);
        int first = inPanelOnly ? Math.Max(0, (int)PanelRows(layout).Top) : 0;

        SKCanvas canvas = _surface!.Canvas;
        canvas.Save();
        canvas.ClipRect(new SKRect(0, first, layout.Width, layout.Height));
        canvas.Clear(SKColors.Transparent);
        var written = new List<Box>();
        if (layout.ShowsPanel)
            _panel.Paint(canvas, layout, content);
        written.Add(PanelRows(layout));
        if (content.Message is { } message)
            _panel.PaintMessage(canvas, layout, message);
        if (content.Notice is { } notice)
            written.Add(_sheet.PaintNotice(canvas, layout, notice));
        foreach ((Box below, string text) in content.Labels)
            written.Add(_sheet.PaintLabel(canvas, layout, below, text));
        if (content.ShowsHelp)
            written = [_sheet.PaintHelp(canvas, layout)];
        else if (content.Search is { } search)
            written.Add(_sheet.PaintSearch(canvas, layout, search));
        canvas.Restore();
        canvas.Flush();
        Written = written;
        return (first, layout.Height - first);
    }

    public void Dispose()
    {
        _surface?.Dispose();
        _type.Dispose();
    }

    private static bool IsPanelOnly(OverlayContent content) => content is { ShowsHelp: false, Search: null, Notice: null, Labels.Count: 0 };

    /// <summary>The panel, and above it the place of a message.</summary>
    private static Box PanelRows(Layout layout)
    {
        float top = MathF.Max(0, layout.Panel.Top - layout.Px(56));
        return new Box(0, top, layout.Width, layout.Height - top);
    }
}
