using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Titok.Pictures;

/// <summary>Puts international text chunks (iTXt) into a PNG, behind its header.</summary>
internal static class PngText
{
    /// <summary>Signature and IHDR, which always comes first and always has this length.</summary>
    private const int HeaderLength = 8 + 12 + 13;

    public static byte[] Insert(ReadOnlySpan<byte> png, IReadOnlyDictionary<string, string> texts)
    {
        using var result = new MemoryStream(png.Length + 1024);
        result.Write(png[..HeaderLength]);
        foreach ((string keyword, string text) in texts)
            result.Write(Chunk(keyword, text));
        result.Write(png[HeaderLength..]);
        return result.ToArray();
    }

    private static byte[] Chunk(string keyword, string text)
    {
        // Keyword, no compression, no language, no translated keyword.
        byte[] data = [.. Encoding.Latin1.GetBytes(keyword), 0, 0, 0, 0, 0, .. Encoding.UTF8.GetBytes(text)];
        byte[] chunk = new byte[12 + data.Length];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        "iTXt"u8.CopyTo(chunk.AsSpan(4));
        data.CopyTo(chunk, 8);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + data.Length), Crc32.HashToUInt32(chunk.AsSpan(4, 4 + data.Length)));
        return chunk;
    }
}
