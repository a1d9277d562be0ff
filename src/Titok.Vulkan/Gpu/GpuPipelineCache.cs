using Microsoft.Extensions.Logging;
using Silk.NET.Vulkan;
using Titok.Vulkan.Files;

namespace Titok.Vulkan.Gpu;

/// <summary>A device's VkPipelineCache, read from disk at the start and written back when pipelines were added; or a host's own.</summary>
internal sealed unsafe class GpuPipelineCache : IDisposable
{
    private readonly GpuDevice _device;
    private readonly string? _path;
    private readonly bool _isOwned;
    private volatile bool _changed;

    public GpuPipelineCache(GpuDevice device)
    {
        _device = device;
        if (device.Host is { PipelineCache: not 0 } host)
        {
            Handle = new PipelineCache(host.PipelineCache);
            return;
        }
        _isOwned = true;
        _path = device.CacheFolder.Length == 0 ? null : Path.Combine(device.CacheFolder, PipelineCacheFile.NameFor(device.Physical));
        byte[]? data = _path is null ? null : PipelineCacheFile.Read(_path, device.Physical);
        LoadedFromDisk = data is not null;
        Handle = Make(data);
        device.LiveObjects.Add();
    }

    public PipelineCache Handle { get; }

    /// <summary>Where the file is; null for none.</summary>
    public string? FilePath => _path;

    /// <summary>Whether a valid file was found.</summary>
    public bool LoadedFromDisk { get; private set; }

    public void MarkChanged() => _changed = true;

    /// <summary>Writes the file if pipelines were built since; a failure is logged and otherwise means nothing.</summary>
    public void Save()
    {
        if (_path is null || !_changed || _device.IsLost)
            return;
        _changed = false;
        try
        {
            if (Data() is { } data)
                PipelineCacheFile.Write(_path, _device.Physical, data);
        }
        catch (Exception e) when (e is TitokException || FileErrors.Is(e))
        {
            _device.Logger?.LogWarning("Compiled kernels are not kept for the next time: {Reason}", e.Message);
        }
    }

    public void Dispose()
    {
        if (!_isOwned)
            return;
        _device.Vk.DestroyPipelineCache(_device.Handle, Handle, null);
        _device.LiveObjects.Remove();
    }

    private PipelineCache Make(byte[]? data)
    {
        fixed (byte* initial = data)
        {
            var info = new PipelineCacheCreateInfo
            {
                SType = StructureType.PipelineCacheCreateInfo,
                InitialDataSize = (nuint)(data?.Length ?? 0),
                PInitialData = initial,
            };
            PipelineCache handle;
            Result result = _device.Vk.CreatePipelineCache(_device.Handle, &info, null, &handle);
            if (result < 0 && data is not null)
            {
                LoadedFromDisk = false;
                return Make(null);
            }
            _device.Check(result, "vkCreatePipelineCache");
            return handle;
        }
    }

    private byte[]? Data()
    {
        // Another thread may add a pipeline between the two calls, which makes the answer incomplete: ask again.
        for (int attempt = 0; attempt < 4; attempt++)
        {
            nuint size = 0;
            if (_device.Vk.GetPipelineCacheData(_device.Handle, Handle, &size, null) != Result.Success || size == 0)
                return null;
            var data = new byte[size];
            fixed (byte* first = data)
            {
                if (_device.Vk.GetPipelineCacheData(_device.Handle, Handle, &size, first) == Result.Success)
                {
                    data = data.AsSpan(0, (int)size).ToArray();
                    // lavapipe of Mesa 26 gives 20 bytes, less than a whole header: it has nothing to keep.
                    return PipelineCacheFile.IsVulkanHeader(data, _device.Physical) ? data : null;
                }
            }
        }
        return null;
    }
}
