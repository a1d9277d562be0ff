using System.Buffers.Binary;

namespace Titok.Pictures;

/// <summary>The markers of a JPEG, which its decoder reads past the end of without a word.</summary>
internal static class JpegMarkers
{
    private const int Start = 0xd8, End = 0xd9, FirstRestart = 0xd0, LastRestart = 0xd7, Temporary = 0x01;

    /// <summary>Whether the image's own end is there: a preview in its EXIF block has an end too, and anything may follow the last.</summary>
    public static bool HasEnd(ReadOnlySpan<byte> file)
    {
        for (int at = 0; at < file.Length - 1;)
        {
            // Between scans, in them and after padding alike: what is no marker is skipped, as the decoder does.
            if (file[at] != 0xff || file[at + 1] is 0 or 0xff)
            {
                at++;
                continue;
            }
            int marker = file[at + 1];
            at += 2;
            if (marker == End)
                return true;
            if (marker is Start or Temporary or (>= FirstRestart and <= LastRestart))
                continue;
            if (at + 2 > file.Length)
                return false;
            at += BinaryPrimitives.ReadUInt16BigEndian(file[at..]);
        }
        return false;
    }
}
