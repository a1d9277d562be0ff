using System.Buffers.Binary;
using System.IO.Hashing;
using SkiaSharp;

namespace Titok.Demo.Saving;

/// <summary>Writes an animated PNG: ordinary PNG pictures, each with how long it is shown, as one endless loop.</summary>
internal static class AnimatedPng
{
    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10];

    /// <param name="stream">Where it goes.</param>
    /// <param name="frames">RGBA pixels of each picture.</param>
    /// <param name="width">Pixels across.</param>
    /// <param name="height">Pixels down.</param>
    /// <param name="milliseconds">How long each picture is shown.</param>
    public static void Write(Stream stream, IReadOnlyList<byte[]> frames, int width, int height, IReadOnlyList<int> milliseconds)
    {
        stream.Write(Signature);
        uint sequence = 0;
        for (int frame = 0; frame < frames.Count; frame++)
        {
            List<(string Type, byte[] Data)> chunks = Chunks(Encode(frames[frame], width, height));
            if (frame == 0)
            {
                WriteChunk(stream, "IHDR", chunks.First(c => c.Type == "IHDR").Data);
                WriteChunk(stream, "acTL", [.. Number((uint)frames.Count), .. Number(0)]);
            }
            WriteChunk(stream, "fcTL", Control(sequence++, width, height, milliseconds[frame]));
            foreach ((string type, byte[] data) in chunks)
            {
                // The first picture is that of readers who know no animation.
                if (type == "IDAT")
                    WriteChunk(stream, frame == 0 ? "IDAT" : "fdAT", frame == 0 ? data : [.. Number(sequence++), .. data]);
            }
        }
        WriteChunk(stream, "IEND", []);
    }

    private static byte[] Control(uint sequence, int width, int height, int milliseconds)
    {
        byte[] data = new byte[26];
        BinaryPrimitives.WriteUInt32BigEndian(data, sequence);
        BinaryPrimitives.WriteInt32BigEndian(data.AsSpan(4), width);
        BinaryPrimitives.WriteInt32BigEndian(data.AsSpan(8), height);
        BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(20), (ushort)Math.Clamp(milliseconds, 1, ushort.MaxValue));
        BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(22), 1000);
        return data;
    }

    private static byte[] Encode(byte[] rgba, int width, int height)
    {
        using SKData pixels = SKData.CreateCopy(rgba);
        using SKImage image = SKImage.FromPixels(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque), pixels, 4 * width);
        using SKData png = image.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }

    private static List<(string, byte[])> Chunks(byte[] png)
    {
        var chunks = new List<(string, byte[])>();
        for (int at = Signature.Length; at + 12 <= png.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at));
            chunks.Add((System.Text.Encoding.ASCII.GetString(png, at + 4, 4), png[(at + 8)..(at + 8 + length)]));
            at += 12 + length;
        }
        return chunks;
    }

    private static void WriteChunk(Stream stream, string type, byte[] data)
    {
        byte[] body = [.. System.Text.Encoding.ASCII.GetBytes(type), .. data];
        stream.Write(Number((uint)data.Length));
        stream.Write(body);
        stream.Write(Number(Crc32.HashToUInt32(body)));
    }

    private static byte[] Number(uint value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }
}
