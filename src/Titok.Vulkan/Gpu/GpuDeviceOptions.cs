using Microsoft.Extensions.Logging;

namespace Titok.Vulkan.Gpu;

/// <summary>How a <see cref="GpuDevice"/> behaves.</summary>
internal sealed record GpuDeviceOptions
{
    /// <summary>Where the pipeline cache and what was found out about the device are kept; null for the user's cache folder, empty for nowhere.</summary>
    /// <exception cref="ArgumentException">It has a NUL in it.</exception>
    public string? CacheFolder
    {
        get;
        init => field = value?.Contains('\0', StringComparison.Ordinal) == true
            ? throw new ArgumentException("A NUL is in the name, which no folder's has.", nameof(CacheFolder))
            : value;
    }

    /// <summary>
    /// Asked before the embedded ones are for a shader's SPIR-V by its name, and for a module's PTX by its name with <c>.ptx</c>;
    /// null from it means "not mine".
    /// </summary>
    public Func<string, byte[]?>? ShaderSource { get; init; }

    /// <summary>The most device memory to allocate in all; null for as much as the driver's budget gives.</summary>
    public long? MemoryLimitInBytes { get; init; }

    /// <summary>Goes through staging buffers even where the device's memory can be written directly.</summary>
    public bool AlwaysStage { get; init; }

    /// <summary>Has the driver keep what <see cref="PipelineStatisticsQuery"/> reads, where it can; not on a host's device.</summary>
    public bool KeepStatistics { get; init; }

    public ILogger? Logger { get; init; }
}
