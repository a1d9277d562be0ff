using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Titok.Vulkan.Checkpoints;

/// <summary>
/// fp16 to fp32 and back, eight at a time: .NET's own conversion goes one by one, which takes seconds for half a
/// billion weights. The results are the same bits, but for the payload of NaNs.
/// </summary>
internal static class HalfFormat
{
    private const int Lanes = 8;

    /// <summary>Widens all of <paramref name="halves"/>; every fp16 number is an fp32 number.</summary>
    public static void Widen(ReadOnlySpan<Half> halves, Span<float> floats)
    {
        floats = floats[..halves.Length];
        ReadOnlySpan<ushort> bits = MemoryMarshal.Cast<Half, ushort>(halves);
        int i = 0;
        for (; i <= bits.Length - Lanes; i += Lanes)
            Widen(Vector256.WidenLower(Vector128.Create(bits.Slice(i, Lanes)).ToVector256())).CopyTo(floats[i..]);
        for (; i < bits.Length; i++)
            floats[i] = (float)halves[i];
    }

    /// <summary>Rounds all of <paramref name="floats"/> to the nearest, ties to even; what is too large becomes an infinity.</summary>
    public static void Narrow(ReadOnlySpan<float> floats, Span<Half> halves)
    {
        halves = halves[..floats.Length];
        Span<ushort> bits = MemoryMarshal.Cast<Half, ushort>(halves);
        int i = 0;
        for (; i <= bits.Length - Lanes; i += Lanes)
        {
            Vector256<uint> narrow = Narrow(Vector256.Create(floats.Slice(i, Lanes)).AsUInt32());
            Vector128.Narrow(narrow.GetLower(), narrow.GetUpper()).CopyTo(bits[i..]);
        }

        for (; i < bits.Length; i++)
            halves[i] = (Half)floats[i];
    }

    private static Vector256<float> Widen(Vector256<uint> half)
    {
        // Exponent and mantissa moved to fp32's place; the product mends the exponent's bias, and subnormals with it.
        Vector256<uint> magnitude = (half & Vector256.Create(0x7fffu)) << 13;
        Vector256<float> scaled = magnitude.AsSingle() * Vector256.Create(0x77800000u).AsSingle();
        Vector256<uint> infinite = Vector256.GreaterThanOrEqual(magnitude, Vector256.Create(0x7c00u << 13)) & Vector256.Create(0x7f800000u);
        Vector256<uint> sign = (half & Vector256.Create(0x8000u)) << 16;
        return (scaled.AsUInt32() | infinite | sign).AsSingle();
    }

    private static Vector256<uint> Narrow(Vector256<uint> single)
    {
        Vector256<uint> magnitude = single & Vector256.Create(0x7fffffffu);
        Vector256<uint> sign = (single ^ magnitude) >> 16;

        // Half an fp16 step less a bit, and the bit where a tie has to go up to be even; the exponent's bias changes too.
        Vector256<uint> odd = (magnitude >> 13) & Vector256<uint>.One;
        Vector256<uint> normal = (magnitude + Vector256.Create(unchecked((uint)((15 - 127) << 23) + 0xfff)) + odd) >> 13;

        // Added to 0.5, a subnormal's last bit is the sum's last bit, so the addition rounds as it should.
        Vector256<uint> half = Vector256.Create(0x3f000000u);
        Vector256<uint> subnormal = (magnitude.AsSingle() + half.AsSingle()).AsUInt32() - half;
        Vector256<uint> infinite = Vector256.ConditionalSelect(
            Vector256.GreaterThan(magnitude, Vector256.Create(0x7f800000u)), Vector256.Create(0x7e00u), Vector256.Create(0x7c00u));

        Vector256<uint> finite = Vector256.ConditionalSelect(Vector256.LessThan(magnitude, Vector256.Create(113u << 23)), subnormal, normal);
        return Vector256.ConditionalSelect(Vector256.LessThan(magnitude, Vector256.Create(143u << 23)), finite, infinite) | sign;
    }
}
