using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Titok.Pictures;

/// <summary>The chunks that a PNG file is made of, behind its signature: length, type, data, and a CRC-32 of type and data.</summary>
internal static class PngChunks
{
    /// <summary>A chunk's bytes beside its data.</summary>
    public const int FrameSizeInBytes = 12;

    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10];

    public static void Write(Stream stream, string type, ReadOnlySpan<byte> data)
    {
        byte[] chunk = new byte[FrameSizeInBytes + data.Length];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        Encoding.ASCII.GetBytes(type, chunk.AsSpan(4, 4));
        data.CopyTo(chunk.AsSpan(8));
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + data.Length), Crc32.HashToUInt32(chunk.AsSpan(4, 4 + data.Length)));
        stream.Write(chunk);
    }

    /// <summary>The chunks of a whole PNG, in order.</summary>
    public static List<(string Type, byte[] Data)> Read(ReadOnlySpan<byte> png)
    {
        var chunks = new List<(string, byte[])>();
        for (int at = Signature.Length; at + FrameSizeInBytes <= png.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(png[at..]);
            chunks.Add((Encoding.ASCII.GetString(png.Slice(at + 4, 4)), png.Slice(at + 8, length).ToArray()));
            at += FrameSizeInBytes + length;
        }
        return chunks;
    }
}
