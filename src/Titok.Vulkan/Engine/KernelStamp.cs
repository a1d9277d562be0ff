using System.Security.Cryptography;
using System.Text;
using Titok.Vulkan.Gpu;

namespace Titok.Vulkan.Engine;

/// <summary>Ties a file in the cache folder to what it was found out with: the device, what is enabled of it, its driver and these kernels.</summary>
internal static class KernelStamp
{
    /// <summary>Raised when the tests or the measuring change so that they have to be done anew; shaders tell that themselves.</summary>
    private const int Version = 15;

    private static readonly string s_shaders = Convert.ToHexStringLower(SHA256.HashData(GpuProgramCache.SourceHashes()));

    /// <summary>What a file must begin with, in hexadecimal digits.</summary>
    public static string Of(GpuPhysicalDevice device)
    {
        string text = $"{Version}|{s_shaders}|{device.Name}|{device.Driver}|{device.DriverVersion}|{Convert.ToHexString(device.DriverUuid)}|{KernelSupport.SupportOf(device)}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>
    /// Where a device's file stands, beside its pipeline cache; null where no files are kept. Hosts that enable different things have files of
    /// their own, or each would overwrite the other's at every start.
    /// </summary>
    public static string? PathFor(GpuDevice device, string extension) =>
        device.CacheFolder.Length == 0
            ? null
            : Path.Combine(device.CacheFolder, Path.ChangeExtension(PipelineCacheFile.NameFor(device.Physical), $".{KernelSupport.SupportOf(device.Physical):x2}.{extension}"));
}
