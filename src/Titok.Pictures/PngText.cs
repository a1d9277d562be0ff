using System.Text;

namespace Titok.Pictures;

/// <summary>Puts international text chunks (iTXt) into a PNG, behind its header.</summary>
internal static class PngText
{
    /// <summary>Signature and IHDR, which always comes first and always has 13 bytes.</summary>
    private static readonly int s_headerLength = PngChunks.Signature.Length + PngChunks.FrameSizeInBytes + 13;

    public static byte[] Insert(ReadOnlySpan<byte> png, IReadOnlyDictionary<string, string> texts)
    {
        using var result = new MemoryStream(png.Length + 1024);
        result.Write(png[..s_headerLength]);
        foreach ((string keyword, string text) in texts)
        {
            // Keyword, no compression, no language, no translated keyword.
            PngChunks.Write(result, "iTXt", [.. Encoding.Latin1.GetBytes(keyword), 0, 0, 0, 0, 0, .. Encoding.UTF8.GetBytes(text)]);
        }
        result.Write(png[s_headerLength..]);
        return result.ToArray();
    }
}
