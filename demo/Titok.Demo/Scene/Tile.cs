using System.Numerics;
using Titok.Demo.Drawing;

namespace Titok.Demo.Scene;

/// <summary>A picture's place on the screen: it glides where it is sent, and each new picture comes in grain by grain.</summary>
/// <param name="slot">Its two layers of the picture store are 2·slot and 2·slot + 1.</param>
internal sealed class Tile(int slot)
{
    private const float GlideInSeconds = 0.09f, SettleInSeconds = 0.12f, FadeInSeconds = 0.1f;

    /// <summary>What is so near to where it is sent is there, or it would never be.</summary>
    private const float Near = 0.01f, NearInPixels = 0.1f;

    private uint _newest;
    private Box? _target;

    /// <summary>Whether a picture has come yet.</summary>
    public bool HasPicture { get; private set; }

    /// <summary>Where it is now.</summary>
    public Box Box { get; private set; }

    /// <summary>Share of its tokens that are fixed.</summary>
    public float SettledTarget { get; set; }

    /// <summary>Whether it is to be seen.</summary>
    public bool IsShown { get; set; } = true;

    /// <summary>The layer with the newest picture.</summary>
    public int NewestLayer => 2 * slot + (int)_newest;

    /// <summary>Whether it is on its way to what it is to look like.</summary>
    public bool IsMoving => (_target is { } target && Box != target) || Blend < 1 || Settled != SettledTarget || Alpha != AlphaTarget;

    /// <summary>Whether masked tokens of it are to be seen.</summary>
    public bool Shimmers => IsShown && !(HasPicture && Settled >= 1);

    /// <summary>How long the way from a picture to the next takes.</summary>
    public float BlendInSeconds { get; set; } = 0.25f;

    private float Blend { get; set; } = 1;

    private float Settled { get; set; }

    private float Alpha { get; set; }

    private float AlphaTarget => IsShown ? 1 : 0;

    /// <summary>Sends it somewhere; the first time it is there at once.</summary>
    public void MoveTo(Box box)
    {
        if (_target is null)
            Box = box;
        _target = box;
    }

    /// <summary>Gives the layer that the next picture is to be copied to, in the frame being recorded.</summary>
    public int Receive()
    {
        _newest = 1 - _newest;
        Blend = HasPicture ? 0 : 1;
        HasPicture = true;
        return NewestLayer;
    }

    /// <summary>Forgets its pictures.</summary>
    public void Forget() => (HasPicture, SettledTarget, Settled, Blend) = (false, 0, 0, 1);

    /// <summary>Lets time pass.</summary>
    public void Advance(float seconds)
    {
        if (_target is { } target)
        {
            Box = Box.Towards(target, 1 - MathF.Exp(-seconds / GlideInSeconds));
            if (Vector4.DistanceSquared(Box.ToVector(), target.ToVector()) < NearInPixels * NearInPixels)
                Box = target;
        }
        Blend = MathF.Min(1, Blend + seconds / BlendInSeconds);
        Settled = Approach(Settled, SettledTarget, seconds / SettleInSeconds);
        Alpha = Approach(Alpha, AlphaTarget, seconds / FadeInSeconds);
    }

    /// <summary>What is painted for it; null where nothing is to be seen.</summary>
    public Quad? Paint(float radius, bool isSelected, float edgeWidth)
    {
        if (Alpha == 0)
            return null;
        var quad = new Quad
        {
            Rect = Box.ToVector(),
            Fill = new Vector4(0, 0, 0, Alpha),
            Radius = radius,
            Kind = QuadKind.Picture,
            Blend = Blend,
            From = (uint)(2 * slot) + 1 - _newest,
            To = (uint)(2 * slot) + _newest,
            // Before its first picture all of it is masked, and shimmers: the window is alive while a model loads.
            Settled = HasPicture ? Settled : 0,
            Grain = (uint)slot * 4099,
        };
        if (isSelected)
            (quad.Edge, quad.EdgeWidth) = (Palette.Selection.WithAlpha(Alpha), edgeWidth);
        return quad;
    }

    private static float Approach(float value, float target, float times)
    {
        float next = target + (value - target) * MathF.Exp(-times);
        return MathF.Abs(next - target) < Near ? target : next;
    }
}
