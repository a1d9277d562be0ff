using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Titok.Vulkan.Files;

namespace Titok.Vulkan.Gpu;

/// <summary>The pipeline cache on disk, wrapped so that a driver is never given bytes that it did not write itself.</summary>
/// <remarks>
/// Layout, little endian: "TITOKPC1" · vendor u32 · device u32 · driver version u32 · API version u32 · driver UUID 16 ·
/// pipeline cache UUID 16 · SHA-256 of the driver's name and version text 32 · payload length u64 · SHA-256 of the
/// payload 32 · payload. A file that differs in anything is as good as none.
/// </remarks>
internal static class PipelineCacheFile
{
    private const int HeaderInBytes = 8 + 16 + 32 + 32 + 8 + 32;
    private const long LargestInBytes = 256L << 20;

    public static string DefaultFolder()
    {
        string? cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        // The specification of XDG_CACHE_HOME has relative paths ignored.
        if (!string.IsNullOrEmpty(cache) && Path.IsPathRooted(cache))
            return Path.Combine(cache, "titok");
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        if (OperatingSystem.IsWindows() || home.Length == 0)
        {
            string local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
            return local.Length == 0 ? "" : Path.Combine(local, "titok");
        }
        return OperatingSystem.IsMacOS() ? Path.Combine(home, "Library", "Caches", "titok") : Path.Combine(home, ".cache", "titok");
    }

    public static string NameFor(GpuPhysicalDevice device) =>
        $"pipelines-{device.VendorId:x4}-{device.DeviceId:x4}-{Convert.ToHexStringLower(device.DriverUuid)}.bin";

    /// <summary>The driver's bytes from a file, or null where it is not there or not exactly right.</summary>
    public static byte[]? Read(string path, GpuPhysicalDevice device)
    {
        byte[] file;
        try
        {
            var info = new FileInfo(path);
            if (!info.Exists || info.Length < HeaderInBytes || info.Length > LargestInBytes)
                return null;
            file = File.ReadAllBytes(path);
        }
        catch (Exception e) when (FileErrors.Is(e))
        {
            return null;
        }
        if (file.Length < HeaderInBytes)
            return null;
        byte[] payload = file[HeaderInBytes..];
        return file.AsSpan(0, HeaderInBytes).SequenceEqual(Header(device, payload)) && IsVulkanHeader(payload, device) ? payload : null;
    }

    /// <summary>Writes a file whole or not at all.</summary>
    public static void Write(string path, GpuPhysicalDevice device, byte[] payload)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(Header(device, payload));
            stream.Write(payload);
        });
    }

    private static byte[] Header(GpuPhysicalDevice device, ReadOnlySpan<byte> payload)
    {
        var header = new byte[HeaderInBytes];
        Span<byte> rest = header;
        "TITOKPC1"u8.CopyTo(rest);
        BinaryPrimitives.WriteUInt32LittleEndian(rest[8..], device.VendorId);
        BinaryPrimitives.WriteUInt32LittleEndian(rest[12..], device.DeviceId);
        BinaryPrimitives.WriteUInt32LittleEndian(rest[16..], device.DriverVersion);
        BinaryPrimitives.WriteUInt32LittleEndian(rest[20..], device.ApiVersion);
        device.DriverUuid.CopyTo(rest[24..]);
        device.PipelineCacheUuid.CopyTo(rest[40..]);
        // lavapipe keeps its UUIDs and version number over Mesa releases; the text is what changes.
        SHA256.HashData(Encoding.UTF8.GetBytes(device.Name + '\n' + device.Driver), rest.Slice(56, 32));
        BinaryPrimitives.WriteUInt64LittleEndian(rest[88..], (ulong)payload.Length);
        SHA256.HashData(payload, rest.Slice(96, 32));
        return header;
    }

    /// <summary>Whether a payload begins with this device's VkPipelineCacheHeaderVersionOne.</summary>
    /// <remarks>Every driver must check it as well; not all always did.</remarks>
    internal static bool IsVulkanHeader(ReadOnlySpan<byte> payload, GpuPhysicalDevice device) =>
        payload.Length >= 32
        && BinaryPrimitives.ReadUInt32LittleEndian(payload) is >= 32 and <= 4096
        && BinaryPrimitives.ReadUInt32LittleEndian(payload[4..]) == 1
        && BinaryPrimitives.ReadUInt32LittleEndian(payload[8..]) == device.VendorId
        && BinaryPrimitives.ReadUInt32LittleEndian(payload[12..]) == device.DeviceId
        && payload.Slice(16, 16).SequenceEqual(device.PipelineCacheUuid);
}
