using System.Numerics;
using System.Runtime.InteropServices;

namespace Titok.Vulkan.Checkpoints;

/// <summary>Looks for weights that are no finite numbers, or that fp16 would round to infinity.</summary>
internal static class WeightRange
{
    /// <summary>Bits of the largest fp32 number that rounds to a finite fp16 number, 65504, and of the largest finite one.</summary>
    private const uint LargestToHalf = 0x477fefff, LargestSingle = 0x7f7fffff;

    private const ushort LargestHalf = 0x7bff;

    /// <summary>Index of the first element that can't be kept; −1 where there is none.</summary>
    /// <param name="bytes">The elements, as a file has them.</param>
    /// <param name="type">Their type.</param>
    /// <param name="toHalf">Whether they will be kept as fp16.</param>
    public static int FirstOutside(ReadOnlySpan<byte> bytes, TensorType type, bool toHalf)
    {
        uint largest = toHalf ? LargestToHalf : LargestSingle;
        return type switch
        {
            TensorType.F32 => FirstAbove(MemoryMarshal.Cast<byte, uint>(bytes), largest, uint.MaxValue >> 1),
            TensorType.F16 => FirstAbove(MemoryMarshal.Cast<byte, ushort>(bytes), LargestHalf, (ushort)short.MaxValue),
            // The upper half of an fp32 number.
            _ => FirstAbove(MemoryMarshal.Cast<byte, ushort>(bytes), (ushort)(largest >> 16), (ushort)short.MaxValue),
        };
    }

    /// <summary>The error for such an element.</summary>
    public static ModelFormatException Refusal(string file, string tensor, int index, float value, bool toHalf) => new(
        file, $"tensor '{tensor}' holds {value:G6} at element {index}, "
        + (toHalf ? $"which fp16 can't hold (expected numbers up to {Half.MaxValue})" : "expected finite numbers"));

    /// <summary>Of numbers whose magnitude, which is what the mask leaves, is larger; NaNs and infinities are larger than any.</summary>
    private static int FirstAbove<T>(ReadOnlySpan<T> bits, T largest, T mask)
        where T : unmanaged, IBinaryInteger<T>
    {
        int i = 0;
        var most = new Vector<T>(largest);
        var masks = new Vector<T>(mask);
        while (i <= bits.Length - Vector<T>.Count && !Vector.GreaterThanAny(new Vector<T>(bits[i..]) & masks, most))
            i += Vector<T>.Count;
        for (; i < bits.Length; i++)
        {
            if ((bits[i] & mask) > largest)
                return i;
        }
        return -1;
    }
}
