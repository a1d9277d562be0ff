using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using Titok.Pictures;

namespace Titok.Cli.Files;

/// <summary>NumPy's .npy, version 1.0, little-endian float32 in C order.</summary>
internal static partial class NpyFile
{
    private const long MaxElements = 1L << 28;
    private const int ChunkLength = 1 << 20;
    private static readonly byte[] s_magic = [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    public static void Write(Stream stream, ReadOnlySpan<float> data, params ReadOnlySpan<int> shape)
    {
        string extents = string.Join(", ", shape.ToArray()) + (shape.Length == 1 ? "," : "");
        string header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({extents}), }}";
        int padding = 64 - (10 + header.Length + 1) % 64;
        header += new string(' ', padding % 64) + "\n";
        stream.Write(s_magic);
        stream.Write([1, 0, (byte)header.Length, (byte)(header.Length >> 8)]);
        stream.Write(Encoding.ASCII.GetBytes(header));
        // A span counts its bytes in an int, which does not reach for all the pictures that one array can hold.
        for (; data.Length > ChunkLength; data = data[ChunkLength..])
            stream.Write(MemoryMarshal.AsBytes(data[..ChunkLength]));
        stream.Write(MemoryMarshal.AsBytes(data));
    }

    public static (float[] Data, int[] Shape) Read(string path) =>
        Parse(InputFile.ReadAll(path, 10 + ushort.MaxValue + MaxElements * sizeof(float)), path);

    public static (float[] Data, int[] Shape) Parse(byte[] file, string path)
    {
        if (file.Length < 10 || !file.AsSpan(0, 6).SequenceEqual(s_magic) || file[6] != 1)
            throw new FileException($"{path}: is not a .npy file of version 1");
        int headerLength = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(8));
        if (10 + headerLength > file.Length)
            throw new FileException($"{path}: is cut off in its header");
        Match match = Header().Match(Encoding.ASCII.GetString(file, 10, headerLength));
        if (!match.Success)
            throw new FileException($"{path}: must be little-endian float32 in C order");
        var shape = new List<int>();
        long count = 1;
        foreach (string extent in match.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!int.TryParse(extent, NumberStyles.None, CultureInfo.InvariantCulture, out int value) || value == 0 || (count *= value) > MaxElements)
                throw new FileException($"{path}: has the shape ({match.Groups[1].Value}), which can't be used");
            shape.Add(value);
        }
        if (file.Length != 10 + headerLength + count * sizeof(float))
            throw new FileException($"{path}: has {file.Length - 10 - headerLength} bytes of data, {count * sizeof(float)} expected for its shape");
        return (MemoryMarshal.Cast<byte, float>(file.AsSpan(10 + headerLength)).ToArray(), [.. shape]);
    }

    [GeneratedRegex(@"^\{'descr': '<f4', 'fortran_order': False, 'shape': \(([0-9, ]*)\),? ?\}\s*$")]
    private static partial Regex Header();
}
