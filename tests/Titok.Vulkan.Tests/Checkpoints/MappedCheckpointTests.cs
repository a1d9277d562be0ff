using System.Globalization;
using System.Text;
using Titok.Vulkan.Checkpoints;

namespace Titok.Vulkan.Tests.Checkpoints;

/// <summary>What only shows with large files; these are sparse, so they take no room.</summary>
public class MappedCheckpointTests
{
    [Fact]
    public void TensorsBehindTwoGigabytesAreRead()
    {
        using var folder = new TemporaryFolder();
        const long PadInBytes = 1L << 30;
        string header = "{" + string.Concat(Enumerable.Range(0, 3).Select(i =>
            $"\"pad{i}\":{{\"dtype\":\"F16\",\"shape\":[{PadInBytes / 2}],\"data_offsets\":[{i * PadInBytes},{(i + 1) * PadInBytes}]}},"))
            + $"\"w\":{{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[{3 * PadInBytes},{(3 * PadInBytes) + 4}]}}}}";
        string path = folder["large.safetensors"];
        WriteSparse(path, header, (3 * PadInBytes) + 4, BitConverter.GetBytes(1.5f));
        using Checkpoint checkpoint = Checkpoint.Open(path);
        Assert.Equal([1.5f], checkpoint.ReadFloats("w"));
        Assert.Equal(1 << 30, checkpoint.Bytes("pad2").Length);
    }

    [Fact]
    public void ReleasedPagesLeaveMemory()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("Resident file pages are read from /proc, which only Linux has.");
        using var folder = new TemporaryFolder();
        const int LengthInBytes = 256 << 20;
        string path = folder["weights.safetensors"];
        WriteSparse(path, $"{{\"w\":{{\"dtype\":\"F16\",\"shape\":[{LengthInBytes / 2}],\"data_offsets\":[0,{LengthInBytes}]}}}}", LengthInBytes, [0]);
        using Checkpoint checkpoint = Checkpoint.Open(path);
        Assert.Equal(-1, checkpoint.Bytes("w").IndexOf((byte)1));
        long before = ResidentFilePagesInBytes();
        checkpoint.Release("w");

        // Half of it, since other tests map files of a few megabytes meanwhile.
        Assert.InRange(before - ResidentFilePagesInBytes(), LengthInBytes / 2, long.MaxValue);
        Assert.Equal(0, checkpoint.Bytes("w")[LengthInBytes / 2]);
    }

    private static void WriteSparse(string path, string header, long dataInBytes, byte[] end)
    {
        using FileStream file = File.Create(path);
        file.Write(BitConverter.GetBytes((long)header.Length));
        file.Write(Encoding.ASCII.GetBytes(header));
        file.SetLength(8 + header.Length + dataInBytes);
        file.Position = file.Length - end.Length;
        file.Write(end);
    }

    private static long ResidentFilePagesInBytes()
    {
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("RssFile:", StringComparison.Ordinal));
        return 1024 * long.Parse(line.AsSpan()["RssFile:".Length..^"kB".Length].Trim(), CultureInfo.InvariantCulture);
    }
}
