using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Engine;

/// <summary>
/// The weights of a part of a model on the device, as its plans ask for them. Plans for any number of pictures ask for the
/// same, so that nothing is read later, and a checkpoint can be closed once it is loaded.
/// </summary>
internal sealed class WeightStore(GpuDevice device) : IDisposable
{
    private const long DefaultStagingSizeInBytes = 32 << 20;

    /// <summary>How many tensors ahead the disk is told of: enough to keep it reading, few enough not to fill memory.</summary>
    private const int TensorsAhead = 8;

    private readonly Dictionary<string, GpuBuffer> _buffers = [];
    private readonly Lock _lock = new();
    private bool _disposed;

    /// <summary>Bytes of weights on the device.</summary>
    public long SizeInBytes { get; private set; }

    /// <summary>A weight that was loaded.</summary>
    public GpuBuffer this[Value weight]
    {
        get
        {
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                return _buffers[weight.Weight!.Key];
            }
        }
    }

    /// <summary>
    /// Loads what is not there yet: all of it, or on an error nothing. One upload buffer is filled while a kernel packs weights
    /// from the other.
    /// </summary>
    /// <param name="checkpoint">Has the weights.</param>
    /// <param name="weights">Values of plans.</param>
    /// <param name="progress">Told the share of their bytes that is loaded, from 0 to 1.</param>
    /// <param name="cancellation">Looked at between tensors.</param>
    public void Load(Checkpoint checkpoint, IEnumerable<Value> weights, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            WeightRequest[] missing = [.. weights.Select(w => w.Weight!).DistinctBy(r => r.Key).Where(r => !_buffers.ContainsKey(r.Key))];
            if (missing.Length == 0)
                return;
            try
            {
                Pack(new WeightPacker(device, checkpoint), missing, progress, cancellation);
            }
            catch
            {
                // What is there is taken to be packed, and not all of this is.
                foreach (WeightRequest request in missing)
                    Remove(request);
                throw;
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            _disposed = true;
            foreach (GpuBuffer buffer in _buffers.Values)
                buffer.Dispose();
            _buffers.Clear();
        }
    }

    private void Pack(WeightPacker packer, WeightRequest[] missing, IProgress<double>? progress, CancellationToken cancellation)
    {
        long[] sizes = [.. missing.Select(packer.SourceSizeInBytes)];
        long largest = sizes.Max(), all = sizes.Sum(size => ArenaPlanner.Align(size)), done = 0;
        using var stagings = new StagingPair(device, Math.Min(Math.Max(DefaultStagingSizeInBytes, largest), Math.Max(largest, all)));
        for (int index = 0; index < missing.Length; index++)
        {
            progress?.Report((double)done / all);
            cancellation.ThrowIfCancellationRequested();
            foreach (WeightRequest ahead in missing.Skip(index == 0 ? 1 : index + TensorsAhead).Take(index == 0 ? TensorsAhead : 1))
                packer.Expect(ahead);
            WeightRequest request = missing[index];
            GpuBuffer packed = device.CreateBuffer(
                ArenaPlanner.Align(request.Count * request.Type.SizeInBytes()), GpuMemoryKind.Device, request.Label);
            _buffers.Add(request.Key, packed);
            SizeInBytes += packed.SizeInBytes;
            packer.Pack(request, stagings, packed);
            done += ArenaPlanner.Align(sizes[index]);
        }
        stagings.Flush();
        progress?.Report(1);
        cancellation.ThrowIfCancellationRequested();
    }

    private void Remove(WeightRequest request)
    {
        if (!_buffers.Remove(request.Key, out GpuBuffer? packed))
            return;
        SizeInBytes -= packed.SizeInBytes;
        packed.Dispose();
    }
}
