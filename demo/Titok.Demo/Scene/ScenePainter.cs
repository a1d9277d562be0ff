using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Titok.Demo.Drawing;

namespace Titok.Demo.Scene;

/// <summary>Turns what is on stage into rectangles.</summary>
internal sealed class ScenePainter
{
    private readonly List<Quad> _quads = [];

    /// <summary>Everything to paint, the last on top.</summary>
    /// <param name="stage">What is on stage.</param>
    /// <param name="tokens">Tokens of a picture.</param>
    /// <param name="layout">Where things lie.</param>
    /// <param name="controls">Where the pointer is, and what is under it.</param>
    /// <param name="written">The parts of the window with something written on them.</param>
    public ReadOnlySpan<Quad> Paint(Stage stage, int tokens, Layout layout, Controls controls, IReadOnlyList<Box> written)
    {
        _quads.Clear();
        PaintTiles(stage, layout, areSelected: false);
        PaintTiles(stage, layout, areSelected: true);
        if (layout.ShowsPanel)
        {
            PaintTokens(stage, layout.Tokens(tokens), layout, controls.Pointer);
            PaintPointed(controls);
        }
        for (int i = 0; i < written.Count; i++)
            _quads.Add(Quad.Overlay(written[i], 1));
        return CollectionsMarshal.AsSpan(_quads);
    }

    private void PaintTiles(Stage stage, Layout layout, bool areSelected)
    {
        for (int i = 0; i < stage.Tiles.Length; i++)
        {
            if (stage.IsSelected(i) == areSelected && stage.Tiles[i].Paint(layout.Px(7), areSelected, layout.Px(2)) is { } quad)
                _quads.Add(quad);
        }
    }

    private void PaintTokens(Stage stage, ImmutableArray<Box> cells, Layout layout, (float X, float Y) pointer)
    {
        float radius = MathF.Min(layout.Px(3), cells[0].Width / 3);
        for (int i = 0; i < cells.Length; i++)
        {
            TokenView token = stage.Token(i);
            bool isUnderPointer = cells[i].Contains(pointer.X, pointer.Y);
            _quads.Add(Quad.Shape(
                cells[i], token.Color, radius,
                token.IsLocked ? Palette.Selection : isUnderPointer ? Palette.Selection.WithAlpha(0.5f) : Palette.Clear, layout.Px(2)));
        }
    }

    /// <summary>Lights up the setting that the mouse would change.</summary>
    private void PaintPointed(Controls controls)
    {
        for (int i = 0; i < controls.Chips.Count; i++)
        {
            Box box = controls.Chips[i].Box;
            if (box.Contains(controls.Pointer.X, controls.Pointer.Y))
                _quads.Add(Quad.Shape(box, Palette.Selection.WithAlpha(0.07f), box.Height / 2));
        }
    }
}
