using System.Buffers.Binary;

namespace Titok.Vulkan.Tests.Checkpoints;

/// <summary>Damages valid inputs in ways that parsers stumble over. The same seed gives the same damage.</summary>
internal sealed class Mutator(ulong seed, byte[][] inputs, byte[][] words)
{
    private const int MaxLengthInBytes = 1 << 16;

    private static readonly long[] _interesting =
    [
        0, 1, -1, 2, 7, 8, 127, 128, 255, 256, short.MaxValue, ushort.MaxValue, int.MinValue, int.MaxValue, uint.MaxValue, 1L << 32,
        100_000_000, 100_000_001, long.MinValue, long.MaxValue, long.MaxValue / 2,
    ];

    private ulong _state = seed;

    /// <summary>A new input: one of the valid ones with one to six wounds.</summary>
    public byte[] Next()
    {
        List<byte> bytes = [.. inputs[Below(inputs.Length)]];
        for (int wounds = 1 + Below(1 + Below(6)); wounds > 0; wounds--)
            Wound(bytes);
        return [.. bytes];
    }

    private void Wound(List<byte> bytes)
    {
        if (bytes.Count == 0)
        {
            bytes.Add((byte)Below(256));
            return;
        }

        int at = Below(bytes.Count);
        int length = Math.Min(1 + Below(Below(4) == 0 ? bytes.Count : 16), bytes.Count - at);
        switch (Below(10))
        {
            case 0:
                bytes[at] ^= (byte)(1 << Below(8));
                break;
            case 1:
                bytes[at] = (byte)Below(256);
                break;
            case 2:
                bytes.RemoveRange(at, length);
                break;
            case 3 when bytes.Count < MaxLengthInBytes:
                bytes.InsertRange(Below(bytes.Count), bytes.GetRange(at, length));
                break;
            case 4:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 5:
                OverwriteNumber(bytes, at);
                break;
            case 6:
                Overwrite(bytes, at, words[Below(words.Length)]);
                break;
            case 7 when bytes.Count < MaxLengthInBytes:
                bytes.InsertRange(at, words[Below(words.Length)]);
                break;
            case 8 when bytes.Count < MaxLengthInBytes:
                byte[] other = inputs[Below(inputs.Length)];
                bytes.RemoveRange(at, bytes.Count - at);
                bytes.AddRange(other[Below(other.Length)..]);
                break;
            default:
                ReplaceDigits(bytes, at);
                break;
        }
    }

    private void OverwriteNumber(List<byte> bytes, int at)
    {
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(number, _interesting[Below(_interesting.Length)]);
        Overwrite(bytes, at, number[..(1 << Below(4))]);
    }

    /// <summary>Puts another number where one stands in text.</summary>
    private void ReplaceDigits(List<byte> bytes, int from)
    {
        int start = bytes.FindIndex(from, value => value is >= (byte)'0' and <= (byte)'9');
        if (start < 0)
            return;
        int end = start;
        while (end < bytes.Count && bytes[end] is >= (byte)'0' and <= (byte)'9')
            end++;
        bytes.RemoveRange(start, end - start);
        long number = Below(3) == 0 ? Below(1000) : _interesting[Below(_interesting.Length)];
        bytes.InsertRange(start, System.Text.Encoding.ASCII.GetBytes($"{number}"));
    }

    private static void Overwrite(List<byte> bytes, int at, ReadOnlySpan<byte> with)
    {
        for (int i = 0; i < with.Length && at + i < bytes.Count; i++)
            bytes[at + i] = with[i];
    }

    private int Below(int limit) => (int)(Draw() % (ulong)limit);

    /// <summary>SplitMix64, so that the stream is the same on every version of .NET.</summary>
    private ulong Draw()
    {
        ulong z = _state += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
}
