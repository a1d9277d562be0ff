using Titok.Vulkan.Checkpoints;

namespace Titok.Vulkan.Tests.Checkpoints;

public class HalfFormatTests
{
    [Fact]
    public void EveryHalfIsWidenedExactly()
    {
        Half[] halves = [.. Enumerable.Range(0, 1 << 16).Select(bits => BitConverter.UInt16BitsToHalf((ushort)bits))];
        var floats = new float[halves.Length];
        HalfFormat.Widen(halves, floats);
        Check(halves, floats, (half, found) => Same((float)half, found));
    }

    [Fact]
    public void EveryHalfAndItsNeighboursAreRoundedAsDotNetDoes()
    {
        // Each fp16 number, the middle between it and the next, and the fp32 numbers next to both.
        var floats = new List<float>();
        for (int bits = 0; bits < 1 << 16; bits++)
        {
            uint single = BitConverter.SingleToUInt32Bits((float)BitConverter.UInt16BitsToHalf((ushort)bits));
            uint next = BitConverter.SingleToUInt32Bits((float)BitConverter.UInt16BitsToHalf((ushort)(bits + 1)));
            uint middle = single + ((next - single) / 2);
            foreach (uint near in (ReadOnlySpan<uint>)[single - 1, single, single + 1, middle - 1, middle, middle + 1])
                floats.Add(BitConverter.UInt32BitsToSingle(near));
        }

        CheckNarrow([.. floats]);
    }

    [Fact]
    public void AnyFloatIsRoundedAsDotNetDoes()
    {
        // A stride that is odd reaches every exponent, sign and low bit.
        var floats = new float[2_000_003];
        for (int i = 0; i < floats.Length; i++)
            floats[i] = BitConverter.UInt32BitsToSingle((uint)i * 2147u);
        CheckNarrow(floats);
    }

    [Fact]
    public void ShortSpansAreDoneToTheEnd()
    {
        for (int length = 0; length < 20; length++)
        {
            float[] floats = [.. Enumerable.Range(1, length).Select(i => i / 3f)];
            CheckNarrow(floats);
            Half[] halves = [.. floats.Select(value => (Half)value)];
            var wide = new float[length];
            HalfFormat.Widen(halves, wide);
            Check(halves, wide, (half, found) => Same((float)half, found));
        }
    }

    private static void CheckNarrow(float[] floats)
    {
        var halves = new Half[floats.Length];
        HalfFormat.Narrow(floats, halves);
        Check(floats, halves, (value, found) =>
            Half.IsNaN((Half)value) ? Half.IsNaN(found) : BitConverter.HalfToUInt16Bits((Half)value) == BitConverter.HalfToUInt16Bits(found));
    }

    private static bool Same(float expected, float found) =>
        float.IsNaN(expected) ? float.IsNaN(found) : BitConverter.SingleToUInt32Bits(expected) == BitConverter.SingleToUInt32Bits(found);

    private static void Check<TIn, TOut>(TIn[] values, TOut[] found, Func<TIn, TOut, bool> isRight)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (!isRight(values[i], found[i]))
                Assert.Fail($"Element {i}: {values[i]} gives {found[i]}.");
        }
    }
}
