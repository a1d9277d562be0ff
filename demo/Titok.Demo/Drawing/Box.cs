using System.Numerics;

namespace Titok.Demo.Drawing;

/// <summary>A rectangle in pixels from the top left of the window.</summary>
internal readonly record struct Box(float Left, float Top, float Width, float Height)
{
    public float Right => Left + Width;

    public float Bottom => Top + Height;

    public bool Contains(float x, float y) => x >= Left && y >= Top && x < Right && y < Bottom;

    public Box Inflate(float by) => new(Left - by, Top - by, Width + 2 * by, Height + 2 * by);

    public Vector4 ToVector() => new(Left, Top, Width, Height);

    /// <summary>The way from one to another; 0 is this one, 1 the other.</summary>
    public Box Towards(Box other, float share) => new(
        float.Lerp(Left, other.Left, share), float.Lerp(Top, other.Top, share),
        float.Lerp(Width, other.Width, share), float.Lerp(Height, other.Height, share));
}
