using System.Numerics;
using System.Runtime.InteropServices;

namespace Titok.Demo.Drawing;

/// <summary>A rectangle on the screen; Shaders/quad.glsl has the same.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Quad
{
    public Vector4 Rect;
    public Vector4 Fill;
    public Vector4 Edge;
    public float Radius;
    public float EdgeWidth;
    public QuadKind Kind;
    public float Blend;
    public uint From;
    public uint To;
    public float Settled;
    public uint Grain;

    /// <summary>A rounded rectangle of one colour.</summary>
    public static Quad Shape(Box box, Vector4 fill, float radius, Vector4 edge = default, float edgeWidth = 0) => new()
    {
        Rect = box.ToVector(),
        Fill = fill,
        Edge = edge,
        Radius = radius,
        EdgeWidth = edgeWidth,
        Kind = QuadKind.Shape,
        Settled = 1,
    };

    /// <summary>The part of the overlay that lies here.</summary>
    public static Quad Overlay(Box box, float alpha) => new() { Rect = box.ToVector(), Fill = new Vector4(1, 1, 1, alpha), Kind = QuadKind.Overlay };
}

/// <summary>How the shader paints a rectangle.</summary>
internal enum QuadKind : uint
{
    Shape,
    Picture,
    Overlay,
}
