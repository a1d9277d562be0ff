using System.Collections.Immutable;

namespace Titok.Vulkan.Checkpoints;

/// <summary>A tensor's name, type and shape. The shape's length in bytes is known to fit an <see cref="int"/>.</summary>
internal sealed record TensorInfo(string Name, TensorType Type, ImmutableArray<int> Shape)
{
    public long ElementCount => TensorShape.ElementCount(Shape);

    public long LengthInBytes => ElementCount * Type.SizeInBytes();
}

/// <summary>Arithmetic on shapes that come from files, so every product is checked.</summary>
internal static class TensorShape
{
    /// <summary>Enough for every published tensor (4) and small enough to print.</summary>
    public const int MaxRank = 8;

    public static long ElementCount(ReadOnlySpan<int> shape)
    {
        // A zero anywhere makes the tensor empty, however large the other dimensions are.
        if (shape.Contains(0))
            return 0;
        long count = 1;
        foreach (int dimension in shape)
            count = checked(count * dimension);
        return count;
    }

    public static long ElementCount(ImmutableArray<int> shape) => ElementCount(shape.AsSpan());

    /// <summary>
    /// The length in bytes of a tensor, or false when it passes 2 GiB. No published tensor comes near that, and
    /// below it a tensor is one span.
    /// </summary>
    public static bool TryLengthInBytes(ReadOnlySpan<int> shape, int elementSizeInBytes, out long lengthInBytes)
    {
        lengthInBytes = 0;
        if (shape.Contains(0))
            return true;
        long length = elementSizeInBytes;
        foreach (int dimension in shape)
        {
            length *= dimension;
            if (length > int.MaxValue)
                return false;
        }

        lengthInBytes = length;
        return true;
    }

    public static string Print(ReadOnlySpan<int> shape)
    {
        var text = new System.Text.StringBuilder("[");
        for (int i = 0; i < shape.Length; i++)
            text.Append(i == 0 ? "" : ", ").Append(shape[i]);
        return text.Append(']').ToString();
    }

    public static string Print(ImmutableArray<int> shape) => Print(shape.AsSpan());
}
