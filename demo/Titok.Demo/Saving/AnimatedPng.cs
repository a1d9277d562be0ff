using System.Buffers.Binary;
using SkiaSharp;
using Titok.Pictures;

namespace Titok.Demo.Saving;

/// <summary>Writes an animated PNG: ordinary PNG pictures, each with how long it is shown, as one endless loop.</summary>
internal static class AnimatedPng
{
    /// <param name="stream">Where it goes.</param>
    /// <param name="frames">RGBA pixels of each picture.</param>
    /// <param name="width">Pixels across.</param>
    /// <param name="height">Pixels down.</param>
    /// <param name="milliseconds">How long each picture is shown.</param>
    public static void Write(Stream stream, IReadOnlyList<byte[]> frames, int width, int height, IReadOnlyList<int> milliseconds)
    {
        stream.Write(PngChunks.Signature);
        uint sequence = 0;
        for (int frame = 0; frame < frames.Count; frame++)
        {
            List<(string Type, byte[] Data)> chunks = PngChunks.Read(Encode(frames[frame], width, height));
            if (frame == 0)
            {
                PngChunks.Write(stream, "IHDR", chunks.First(c => c.Type == "IHDR").Data);
                PngChunks.Write(stream, "acTL", [.. Number((uint)frames.Count), .. Number(0)]);
            }
            PngChunks.Write(stream, "fcTL", Control(sequence++, width, height, milliseconds[frame]));
            foreach ((string type, byte[] data) in chunks)
            {
                // The first picture is that of readers who know no animation.
                if (type == "IDAT")
                    PngChunks.Write(stream, frame == 0 ? "IDAT" : "fdAT", frame == 0 ? data : [.. Number(sequence++), .. data]);
            }
        }
        PngChunks.Write(stream, "IEND", []);
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

    private static byte[] Number(uint value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }
}
