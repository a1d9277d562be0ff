using SkiaSharp;

namespace Titok.Demo.Drawing;

/// <summary>Paints the panel at the foot: the selected picture's name, the numbers, the settings and a passing message.</summary>
internal sealed class PanelPainter(Typography type)
{
    private readonly List<(Box Box, Chip Chip)> _chips = [];

    public IReadOnlyList<(Box Box, Chip Chip)> Chips => _chips;

    public void Paint(SKCanvas canvas, Layout layout, OverlayContent content)
    {
        SKFont large = type.Font(layout.Px(25), semiBold: true), small = type.Font(layout.Px(13));
        Box title = layout.Title, numbers = layout.Numbers;
        type.Write(canvas, Typography.Fit(content.Title, large, title.Width), title.Left, title.Top + layout.Px(22), large, Palette.Text);
        type.Write(canvas, Typography.Fit(content.Subtitle, small, title.Width), title.Left, title.Top + layout.Px(47), small, Palette.Quiet);

        type.Write(canvas, Typography.Fit(content.Rate, large, numbers.Width), numbers.Right, numbers.Top + layout.Px(22), large, Palette.Text, SKTextAlign.Right);
        type.Write(canvas, Typography.Fit(content.Times, small, numbers.Width), numbers.Right, numbers.Top + layout.Px(47), small, Palette.Quiet, SKTextAlign.Right);

        SKFont caption = type.Font(layout.Px(11.5f));
        Box strip = layout.Strip;
        type.Write(
            canvas, Typography.Fit(content.StripCaption, caption, strip.Width), strip.Left + strip.Width / 2, strip.Bottom + layout.Px(15), caption, Palette.Faint, SKTextAlign.Center);
        PaintChips(canvas, layout, content);
    }

    public void PaintMessage(SKCanvas canvas, Layout layout, string message)
    {
        SKFont font = type.Font(layout.Px(14));
        message = Typography.Fit(message, font, layout.Stage.Width - layout.Px(48));
        float width = font.MeasureText(message) + layout.Px(36), height = layout.Px(36);
        float left = (layout.Width - width) / 2, top = MathF.Max(0, layout.Panel.Top - layout.Px(50));
        FillRound(canvas, new Box(left, top, width, height), height / 2, Palette.Sheet);
        StrokeRound(canvas, new Box(left, top, width, height), height / 2, Palette.Line);
        type.Write(canvas, message, layout.Width / 2f, top + layout.Px(23), font, Palette.Text, SKTextAlign.Center);
    }

    private void PaintChips(SKCanvas canvas, Layout layout, OverlayContent content)
    {
        _chips.Clear();
        SKFont name = type.Font(layout.Px(12.5f)), value = type.Font(layout.Px(12.5f), semiBold: true);
        Box row = layout.Chips;
        float x = row.Left, padding = layout.Px(12), between = layout.Px(6);
        const string Hint = "F1  keys";
        float hintWidth = name.MeasureText(Hint), baseline = row.Top + row.Height / 2 + layout.Px(4.5f);
        float end = row.Right - hintWidth - layout.Px(20);
        foreach (Chip chip in content.Chips)
        {
            float nameWidth = chip.Name.Length == 0 ? 0 : name.MeasureText(chip.Name) + between;
            float width = nameWidth + value.MeasureText(chip.Value) + 2 * padding;
            if (x + width > end)
                break;
            var box = new Box(x, row.Top, MathF.Round(width), row.Height);
            FillRound(canvas, box, row.Height / 2, Palette.Chip);
            if (chip.Name.Length != 0)
                type.Write(canvas, chip.Name, x + padding, baseline, name, Palette.Quiet);
            type.Write(canvas, chip.Value, x + padding + nameWidth, baseline, value, chip.Value == "paused" ? Palette.Accent : Palette.Text);
            _chips.Add((box, chip));
            x += box.Width + layout.Px(8);
        }
        type.Write(canvas, Hint, row.Right, baseline, name, Palette.Faint, SKTextAlign.Right);
        float left = x + layout.Px(12), room = end - left;
        if (room > layout.Px(80))
            type.Write(canvas, Typography.Fit(content.Device, name, room), end, baseline, name, Palette.Faint, SKTextAlign.Right);
    }

    internal static void FillRound(SKCanvas canvas, Box box, float radius, SKColor color)
    {
        using var paint = new SKPaint { IsAntialias = true, Color = color };
        canvas.DrawRoundRect(box.Left, box.Top, box.Width, box.Height, radius, radius, paint);
    }

    internal static void StrokeRound(SKCanvas canvas, Box box, float radius, SKColor color)
    {
        using var paint = new SKPaint { IsAntialias = true, Color = color, Style = SKPaintStyle.Stroke, StrokeWidth = 1 };
        canvas.DrawRoundRect(box.Left + 0.5f, box.Top + 0.5f, box.Width - 1, box.Height - 1, radius, radius, paint);
    }
}
