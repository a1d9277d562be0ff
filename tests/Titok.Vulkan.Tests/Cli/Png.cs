using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using SkiaSharp;

namespace Titok.Vulkan.Tests.Cli;

/// <summary>PNG files as the tests read and forge them.</summary>
internal static class Png
{
    private static readonly byte[] s_signature = [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10];

    /// <summary>The picture.</summary>
    /// <remarks>Not opened by Skia: on Windows a process that another test starts meanwhile can inherit files that C has opened, and keep them open.</remarks>
    public static SKBitmap Bitmap(string path) =>
        SKBitmap.Decode(File.ReadAllBytes(path)) ?? throw new InvalidOperationException($"{path} can't be decoded");

    /// <summary>Width, height, and RGB as planes [3, H, W].</summary>
    public static (int Width, int Height, byte[] Planar) Read(string path)
    {
        using SKBitmap bitmap = Bitmap(path);
        byte[] planar = new byte[3 * bitmap.Width * bitmap.Height];
        int area = bitmap.Width * bitmap.Height;
        for (int i = 0; i < area; i++)
        {
            SKColor color = bitmap.GetPixel(i % bitmap.Width, i / bitmap.Width);
            (planar[i], planar[area + i], planar[2 * area + i]) = (color.Red, color.Green, color.Blue);
        }
        return (bitmap.Width, bitmap.Height, planar);
    }

    /// <summary>Every iTXt chunk as keyword and text; every chunk's checksum is checked on the way.</summary>
    public static Dictionary<string, string> Texts(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        Assert.Equal(s_signature, file[..8]);
        var texts = new Dictionary<string, string>();
        for (int at = 8; at < file.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            string type = Encoding.ASCII.GetString(file, at + 4, 4);
            uint checksum = BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at + 8 + length));
            Assert.Equal(Crc32.HashToUInt32(file.AsSpan(at + 4, 4 + length)), checksum);
            if (type == "iTXt")
            {
                string data = Encoding.UTF8.GetString(file, at + 8, length);
                string[] fields = data.Split('\0');
                texts.Add(fields[0], fields[^1]);
            }
            at += 12 + length;
        }
        return texts;
    }

    /// <summary>A PNG of this header with a little data, however much there ought to be.</summary>
    public static byte[] Forge(uint width, uint height, byte bitDepth, byte colorType, byte[] deflated)
    {
        byte[] header = new byte[13];
        BinaryPrimitives.WriteUInt32BigEndian(header, width);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (bitDepth, colorType);
        return [.. s_signature, .. Chunk("IHDR", header), .. Chunk("IDAT", deflated), .. Chunk("IEND", [])];
    }

    private static byte[] Chunk(string type, byte[] data)
    {
        byte[] chunk = new byte[12 + data.Length];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        Encoding.ASCII.GetBytes(type).CopyTo(chunk, 4);
        data.CopyTo(chunk, 8);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + data.Length), Crc32.HashToUInt32(chunk.AsSpan(4, 4 + data.Length)));
        return chunk;
    }
}
