using System.Globalization;
using SkiaSharp;
using Titok.Demo.Input;

namespace Titok.Demo.Drawing;

/// <summary>Paints what lies over the pictures: the help, the search for a class, notices and the names of a comparison's sides.</summary>
internal sealed class SheetPainter(Typography type)
{
    /// <summary>The help's text, the width of its columns, and that of the keys in them.</summary>
    public const float HelpText = 14, HelpColumn = 400, HelpKeys = 150;

    /// <summary>What the mouse does to the settings, which have no line of the help for each.</summary>
    public const string HelpHint = "settings at the foot: click or wheel for more, right click for less";

    public const float HelpHintText = 11.5f;

    private const float HelpGap = 48, HelpPitch = 29;

    private static readonly IReadOnlyList<IReadOnlyList<HelpLine>> s_oneColumn = [[.. KeyMap.Help.SelectMany(column => column)]];

    public Box PaintHelp(SKCanvas canvas, Layout layout)
    {
        var window = new Box(0, 0, layout.Width, layout.Height);
        canvas.DrawColor(new SKColor(0xE60A0B0F), SKBlendMode.SrcOver);
        IReadOnlyList<IReadOnlyList<HelpLine>> columns = HelpUnit(layout, s_oneColumn) > HelpUnit(layout, KeyMap.Help) ? s_oneColumn : KeyMap.Help;
        int rows = columns.Max(column => column.Count);
        float unit = HelpUnit(layout, columns), line = HelpPitch * unit;
        float left = (layout.Width - HelpWidth(columns) * unit) / 2, top = (layout.Height - (rows + 3.4f) * line) / 2, first = top + 2.6f * line;
        SKFont heading = type.Font(26 * unit, semiBold: true), text = type.Font(HelpText * unit), keys = type.Font(HelpText * unit, semiBold: true);
        type.Write(canvas, "Keys and mouse", left, top + line, heading, Palette.Text);
        for (int column = 0; column < columns.Count; column++)
        {
            float x = left + column * (HelpColumn + HelpGap) * unit, y = first;
            foreach (HelpLine entry in columns[column])
            {
                type.Write(canvas, entry.Keys, x, y, keys, Palette.Accent);
                type.Write(canvas, entry.Does, x + HelpKeys * unit, y, text, Palette.Text);
                y += line;
            }
        }
        type.Write(canvas, HelpHint, left, first + (rows + 0.3f) * line, type.Font(HelpHintText * unit), Palette.Faint);
        return window;
    }

    public Box PaintSearch(SKCanvas canvas, Layout layout, SearchView search)
    {
        string[] finds = search.Finds.Length == 0 ? [] : search.Finds.Split('\n');
        Box sheet = layout.Search(finds.Length);
        float padding = layout.Px(18), room = sheet.Width - 2 * padding;
        PanelPainter.FillRound(canvas, sheet, layout.Px(14), Palette.Sheet);
        PanelPainter.StrokeRound(canvas, sheet, layout.Px(14), Palette.Line);

        SKFont typed = type.Font(layout.Px(20)), text = type.Font(layout.Px(15)), chosen = type.Font(layout.Px(15), semiBold: true), small = type.Font(layout.Px(12));
        float baseline = sheet.Top + layout.Px(37), caret = sheet.Left + padding;
        if (search.Text.Length == 0)
            type.Write(canvas, "a class…", caret + layout.Px(6), baseline, typed, Palette.Faint);
        else
            caret += type.Write(canvas, search.Text, caret, baseline, typed, Palette.Text) + layout.Px(2);
        PanelPainter.FillRound(canvas, new Box(caret, baseline - layout.Px(18), MathF.Max(1, layout.Px(2)), layout.Px(22)), 0, Palette.Accent);
        type.Write(canvas, search.Found.ToString(CultureInfo.InvariantCulture), sheet.Right - padding, baseline, small, Palette.Faint, SKTextAlign.Right);

        for (int i = 0; i < finds.Length; i++)
        {
            Box row = layout.SearchRow(i);
            bool picked = i == search.Chosen;
            if (picked)
                PanelPainter.FillRound(canvas, row, layout.Px(8), Palette.Line);
            SKFont font = picked ? chosen : text;
            type.Write(canvas, Typography.Fit(finds[i], font, room), sheet.Left + padding, row.Top + layout.Px(22.5f), font, picked ? Palette.Text : Palette.Quiet);
        }
        if (finds.Length == 0)
            type.Write(canvas, "no class has that in its name", sheet.Left + padding, layout.SearchRow(0).Top + layout.Px(22.5f), text, Palette.Quiet);
        return sheet.Inflate(1);
    }

    public Box PaintNotice(SKCanvas canvas, Layout layout, string notice)
    {
        SKFont font = type.Font(layout.Px(20));
        float y = layout.Stage.Top + layout.Stage.Height / 2;
        string text = Typography.Fit(notice, font, layout.Stage.Width);
        type.Write(canvas, text, layout.Width / 2f, y + layout.Px(7), font, Palette.Quiet, SKTextAlign.Center);
        return new Box(0, y - layout.Px(24), layout.Width, layout.Px(48));
    }

    /// <summary>A picture's name, inside its lower left corner.</summary>
    public Box PaintLabel(SKCanvas canvas, Layout layout, Box tile, string text)
    {
        SKFont font = type.Font(layout.Px(13), semiBold: true);
        text = Typography.Fit(text, font, MathF.Max(layout.Px(20), tile.Width - layout.Px(48)));
        var pill = new Box(
            tile.Left + layout.Px(12), tile.Bottom - layout.Px(40), font.MeasureText(text) + layout.Px(24), layout.Px(28));
        PanelPainter.FillRound(canvas, pill, pill.Height / 2, Palette.Sheet);
        type.Write(canvas, text, pill.Left + layout.Px(12), pill.Top + layout.Px(18.5f), font, Palette.Text);
        return pill.Inflate(1);
    }

    private static float HelpWidth(IReadOnlyList<IReadOnlyList<HelpLine>> columns) => columns.Count * HelpColumn + (columns.Count - 1) * HelpGap;

    /// <summary>Pixels of a length of the help: it shrinks with the window rather than lose a line.</summary>
    private static float HelpUnit(Layout layout, IReadOnlyList<IReadOnlyList<HelpLine>> columns) => MathF.Min(
        layout.Scale * 1.1f, MathF.Min(layout.Height / ((columns.Max(column => column.Count) + 4) * (HelpPitch + 1)), layout.Width / (HelpWidth(columns) + HelpGap)));
}
