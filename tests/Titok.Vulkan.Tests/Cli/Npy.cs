using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Titok.Vulkan.Tests.Cli;

/// <summary>.npy files, read by other code than that which wrote them.</summary>
internal static class Npy
{
    public static (float[] Data, int[] Shape) Read(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        Assert.Equal("\x93NUMPY\x01\0", Encoding.Latin1.GetString(file, 0, 8));
        int headerLength = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(8));
        Assert.Equal(0, (10 + headerLength) % 64);
        string header = Encoding.ASCII.GetString(file, 10, headerLength);
        Assert.Contains("'descr': '<f4'", header, StringComparison.Ordinal);
        Assert.Contains("'fortran_order': False", header, StringComparison.Ordinal);
        int[] shape = [.. Regex.Matches(header[header.IndexOf('(', StringComparison.Ordinal)..], "[0-9]+").Select(m => int.Parse(m.Value, null))];
        float[] data = MemoryMarshal.Cast<byte, float>(file.AsSpan(10 + headerLength)).ToArray();
        Assert.Equal(shape.Aggregate(1, (a, b) => a * b), data.Length);
        return (data, shape);
    }

    /// <summary>A file with this header, which need not be true, and this many bytes of data.</summary>
    public static byte[] Forge(string header, byte[] data)
    {
        byte[] text = Encoding.ASCII.GetBytes(header + "\n");
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)text.Length, (byte)(text.Length >> 8), .. text, .. data];
    }
}
