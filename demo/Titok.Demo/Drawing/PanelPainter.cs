using SkiaSharp;
using Titok.Demo.Input;

namespace Titok.Demo.Drawing;

/// <summary>Paints the panel at the foot: the selected picture's name, the numbers, the settings and a passing message.</summary>
internal sealed class PanelPainter(Typography type)
{
    /// <summary>Stands at the row's other end, however little room there is.</summary>
    private static readonly Chip s_help = new("help", "F1", DemoAction.Help, DemoAction.Help);

    private static readonly float[] s_headings = [25, 20, 16, 13];

    private readonly List<(Box Box, Chip Chip)> _chips = [];

    public IReadOnlyList<(Box Box, Chip Chip)> Chips => _chips;

    public void Paint(SKCanvas canvas, Layout layout, OverlayContent content)
    {
        SKFont small = type.Font(layout.Px(13));
        Box title = layout.Title, numbers = layout.Numbers;
        WriteHeading(canvas, layout, content.Title, title.Width, title.Left, title.Top + layout.Px(22), SKTextAlign.Left);
        type.Write(canvas, Typography.Fit(content.Subtitle, small, title.Width), title.Left, title.Top + layout.Px(47), small, Palette.Quiet);

        WriteHeading(canvas, layout, content.Rate, numbers.Width, numbers.Right, numbers.Top + layout.Px(22), SKTextAlign.Right);
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

    /// <summary>Writes in the largest size that has room for all of it; in the least of them with an ellipsis.</summary>
    private void WriteHeading(SKCanvas canvas, Layout layout, string text, float width, float x, float baseline, SKTextAlign align)
    {
        SKFont font = s_headings.Select(size => type.Font(layout.Px(size), semiBold: true)).FirstOrDefault(f => f.MeasureText(text) <= width)
            ?? type.Font(layout.Px(s_headings[^1]), semiBold: true);
        type.Write(canvas, Typography.Fit(text, font, width), x, baseline, font, Palette.Text, align);
    }

    private void PaintChips(SKCanvas canvas, Layout layout, OverlayContent content)
    {
        _chips.Clear();
        Box row = layout.Chips;
        float gap = layout.Px(8), helpWidth = ChipWidth(layout, s_help), end = row.Right - helpWidth - gap, left = row.Left;
        PaintChip(canvas, layout, s_help, row with { Left = row.Right - helpWidth, Width = helpWidth });
        foreach (Chip chip in content.Chips)
        {
            float width = ChipWidth(layout, chip);
            if (left + width > end)
                break;
            PaintChip(canvas, layout, chip, row with { Left = left, Width = width });
            left += width + gap;
        }
        SKFont font = type.Font(layout.Px(12.5f));
        left += gap;
        end -= gap;
        if (end - left > layout.Px(80))
            type.Write(canvas, Typography.Fit(content.Device, font, end - left), end, ChipBaseline(layout), font, Palette.Faint, SKTextAlign.Right);
    }

    private float ChipWidth(Layout layout, Chip chip) => MathF.Round(
        ChipNameWidth(layout, chip) + type.Font(layout.Px(12.5f), semiBold: true).MeasureText(chip.Value) + 2 * layout.Px(12));

    /// <summary>With the space after it.</summary>
    private float ChipNameWidth(Layout layout, Chip chip) =>
        chip.Name.Length == 0 ? 0 : type.Font(layout.Px(12.5f)).MeasureText(chip.Name) + layout.Px(6);

    private static float ChipBaseline(Layout layout) => layout.Chips.Top + layout.Chips.Height / 2 + layout.Px(4.5f);

    private void PaintChip(SKCanvas canvas, Layout layout, Chip chip, Box box)
    {
        FillRound(canvas, box, box.Height / 2, Palette.Chip);
        float left = box.Left + layout.Px(12), baseline = ChipBaseline(layout);
        type.Write(canvas, chip.Name, left, baseline, type.Font(layout.Px(12.5f)), Palette.Quiet);
        type.Write(
            canvas, chip.Value, left + ChipNameWidth(layout, chip), baseline, type.Font(layout.Px(12.5f), semiBold: true),
            chip.Value == "paused" ? Palette.Accent : Palette.Text);
        _chips.Add((box, chip));
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
