using System.Collections.Immutable;
using System.Numerics;
using Titok.Demo.Drawing;
using Titok.Demo.Input;

namespace Titok.Demo.Scene;

/// <summary>A token in the strip: its colour, and whether it is locked.</summary>
internal readonly record struct TokenView(Vector4 Color, bool IsLocked);

/// <summary>One of the things the window can be about: the wall, a morph, a picture as tokens and back.</summary>
internal abstract class Stage
{
    /// <summary>Sends the tiles to their places.</summary>
    public abstract void Arrange(Layout layout);

    /// <summary>Lets time pass.</summary>
    /// <param name="seconds">Since the last frame.</param>
    /// <param name="now">Since the start.</param>
    public virtual void Advance(float seconds, double now)
    {
        foreach (Tile tile in Tiles)
            tile.Advance(seconds);
    }

    /// <summary>The tiles, the last on top of all but those that are selected.</summary>
    public abstract ImmutableArray<Tile> Tiles { get; }

    /// <summary>Whether a tile, by its place among them, is selected.</summary>
    public virtual bool IsSelected(int tile) => false;

    /// <summary>One of the tokens under the pictures.</summary>
    public abstract TokenView Token(int index);

    /// <summary>Whether a tile changes by itself.</summary>
    /// <param name="shimmers">Whether masked tokens do.</param>
    public bool Moves(bool shimmers)
    {
        foreach (Tile tile in Tiles)
        {
            if (tile.IsMoving || (shimmers && tile.Shimmers))
                return true;
        }
        return false;
    }

    /// <summary>Fills in what is written about it.</summary>
    public abstract OverlayContent Describe(OverlayContent content);

    /// <summary>What the device is to do next; null for nothing yet.</summary>
    public abstract WorkOrder? NextOrder(double now);

    /// <summary>Whether it is going to order something though nobody does anything.</summary>
    public abstract bool MayOrder { get; }

    /// <summary>Does what a key asks for; false if it is nothing to this stage.</summary>
    public abstract bool Apply(DemoAction action);

    /// <summary>Makes its pictures anew, as their device is gone; false if it cannot.</summary>
    public virtual bool BeginAgain() => false;

    /// <summary>The picture that it is about, with a name, where that is not one of the wall's; null before there is one.</summary>
    public virtual (string Name, Tile Tile)? Made => null;

    /// <summary>A token was clicked, or dragged over.</summary>
    public abstract void PressToken(int token, bool isDrag);

    /// <summary>The pictures were clicked.</summary>
    public virtual void PressPicture(float x, float y, bool isDouble)
    {
    }
}
