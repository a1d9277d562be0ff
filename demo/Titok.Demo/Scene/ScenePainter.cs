using System.Runtime.InteropServices;
using Titok.Demo.Drawing;

namespace Titok.Demo.Scene;

/// <summary>Turns what is on stage into rectangles.</summary>
internal sealed class ScenePainter
{
    private readonly List<Quad> _quads = [];

    /// <summary>Everything to paint, the last on top.</summary>
    /// <param name="stage">What is on stage.</param>
    /// <param name="layout">Where things lie.</param>
    /// <param name="controls">Where the pointer is, and what is under it.</param>
    /// <param name="written">The parts of the window with something written on them.</param>
    public ReadOnlySpan<Quad> Paint(Stage stage, Layout layout, Controls controls, IReadOnlyList<Box> written)
    {
        _quads.Clear();
        float radius = layout.Px(7);
        foreach ((Tile tile, bool isSelected) in stage.Tiles.OrderBy(t => t.IsSelected))
        {
            if (tile.Paint(radius, isSelected, layout.Px(2)) is { } quad)
                _quads.Add(quad);
        }
        if (layout.ShowsPanel)
        {
            PaintTokens(stage.Tokens, layout, controls.Pointer);
            PaintPointed(controls);
        }
        foreach (Box box in written)
            _quads.Add(Quad.Overlay(box, 1));
        return CollectionsMarshal.AsSpan(_quads);
    }

    private void PaintTokens(IReadOnlyList<TokenView> tokens, Layout layout, (float X, float Y) pointer)
    {
        Box[] cells = layout.Tokens(tokens.Count);
        float radius = MathF.Min(layout.Px(3), cells[0].Width / 3);
        for (int i = 0; i < cells.Length; i++)
        {
            bool isUnderPointer = cells[i].Contains(pointer.X, pointer.Y);
            _quads.Add(Quad.Shape(
                cells[i], tokens[i].Color, radius,
                tokens[i].IsLocked ? Palette.Selection : isUnderPointer ? Palette.Selection.WithAlpha(0.5f) : Palette.Clear, layout.Px(2)));
        }
    }

    /// <summary>Lights up the setting that the mouse would change.</summary>
    private void PaintPointed(Controls controls)
    {
        foreach ((Box box, _) in controls.Chips.Where(c => c.Box.Contains(controls.Pointer.X, controls.Pointer.Y)))
            _quads.Add(Quad.Shape(box, Palette.Selection.WithAlpha(0.07f), box.Height / 2));
    }
}
