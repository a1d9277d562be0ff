using System.Collections.Immutable;

namespace Titok.Vulkan.Graphs;

/// <summary>The extents of a tensor, slowest first. B batch, T tokens, C channels, H height, W width, K latents.</summary>
internal readonly struct Shape : IEquatable<Shape>
{
    private readonly ImmutableArray<int> _extents;

    public Shape(params ReadOnlySpan<int> extents)
    {
        foreach (int extent in extents)
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(extent, nameof(extents));
        _extents = [.. extents];
    }

    public int Rank => _extents.Length;

    /// <summary>Extent of one axis; negative axes count from the end, so that <c>shape[-1]</c> is the fastest.</summary>
    public int this[int axis] => _extents[axis < 0 ? _extents.Length + axis : axis];

    public long Count
    {
        get
        {
            long count = 1;
            foreach (int extent in _extents)
                count = checked(count * extent);
            return count;
        }
    }

    /// <summary>All axes but the last, multiplied: the rows of the tensor seen as a matrix.</summary>
    public int Rows => checked((int)(Count / this[-1]));

    /// <summary>The same with another extent of one axis; negative axes count from the end.</summary>
    public Shape With(int axis, int extent)
    {
        Span<int> extents = stackalloc int[Rank];
        _extents.CopyTo(extents);
        extents[axis < 0 ? Rank + axis : axis] = extent;
        return new Shape(extents);
    }

    public bool Equals(Shape other) => _extents.AsSpan().SequenceEqual(other._extents.AsSpan());

    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (int extent in _extents)
            hash.Add(extent);
        return hash.ToHashCode();
    }

    public override string ToString() => $"[{string.Join(", ", _extents)}]";

    public static bool operator ==(Shape left, Shape right) => left.Equals(right);

    public static bool operator !=(Shape left, Shape right) => !left.Equals(right);
}
