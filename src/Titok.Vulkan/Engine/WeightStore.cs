using System.Runtime.InteropServices;
using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Engine;

/// <summary>
/// The weights of one checkpoint on the device, converted and packed as plans ask for them. Raw bytes go into one of two
/// upload buffers; a kernel packs them from there while the other buffer is being filled.
/// </summary>
internal sealed class WeightStore(GpuDevice device, Checkpoint checkpoint) : IDisposable
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

    /// <summary>Loads what is not there yet: all of it, or on an error nothing.</summary>
    public void Load(IEnumerable<Value> weights, CancellationToken cancellation = default)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            WeightRequest[] missing = [.. weights.Select(w => w.Weight!).DistinctBy(r => r.Key).Where(r => !_buffers.ContainsKey(r.Key))];
            if (missing.Length == 0)
                return;
            long largest = missing.Max(SourceSizeInBytes);
            long stagingSizeInBytes = Math.Min(
                Math.Max(DefaultStagingSizeInBytes, largest), Math.Max(largest, missing.Sum(r => ArenaPlanner.Align(SourceSizeInBytes(r)))));
            try
            {
                Pack(missing, stagingSizeInBytes, cancellation);
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

    /// <summary>Frees all of them, when another thread that is loading some has done so.</summary>
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
            checkpoint.Dispose();
        }
    }

    private void Pack(WeightRequest[] missing, long stagingSizeInBytes, CancellationToken cancellation)
    {
        using var stagings = new StagingPair(device, stagingSizeInBytes);
        for (int index = 0; index < missing.Length; index++)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (WeightRequest ahead in missing.Skip(index == 0 ? 1 : index + TensorsAhead).Take(index == 0 ? TensorsAhead : 1))
            {
                foreach (string name in ahead.Names)
                    checkpoint.Expect(name);
            }
            WeightRequest request = missing[index];
            GpuBuffer packed = device.CreateBuffer(
                ArenaPlanner.Align(request.Count * request.Type.SizeInBytes()), GpuMemoryKind.Device, request.Label);
            _buffers.Add(request.Key, packed);
            SizeInBytes += packed.SizeInBytes;
            Pack(request, stagings, packed);
        }
        stagings.Flush();
    }

    private void Remove(WeightRequest request)
    {
        if (!_buffers.Remove(request.Key, out GpuBuffer? packed))
            return;
        SizeInBytes -= packed.SizeInBytes;
        packed.Dispose();
    }

    private long SourceSizeInBytes(WeightRequest request) =>
        ArenaPlanner.Align(request.Names.Sum(n => Tensor(n).LengthInBytes)) + NormSizeInBytes(request);

    /// <summary>A folded norm's weight and bias, and the layer's bias.</summary>
    private static long NormSizeInBytes(WeightRequest request) =>
        request.Norm is null ? 0 : (2L * request.Columns + request.Rows) * sizeof(float);

    private void Pack(WeightRequest request, StagingPair stagings, GpuBuffer packed)
    {
        if (request.Layout == WeightLayout.Zeros)
        {
            stagings.Recording.Fill(packed.Whole, 0);
            return;
        }
        TensorType type = Tensor(request.Names[0]).Type;
        if (request.Names.Any(n => Tensor(n).Type != type))
            throw new ModelFormatException(checkpoint.File, $"{string.Join(", ", request.Names)} differ in type");

        (GpuBuffer staging, long offsetInBytes) = stagings.Reserve(SourceSizeInBytes(request));
        long at = offsetInBytes;
        foreach (string name in request.Names)
        {
            ReadOnlySpan<byte> bytes = checkpoint.Bytes(name);
            bytes.CopyTo(staging.Mapped[(int)at..]);
            at += bytes.Length;
            checkpoint.Release(name);
        }

        long normOffset = ArenaPlanner.Align(at) / sizeof(float), sourceOffset = offsetInBytes / (type == TensorType.F32 ? 4 : 2);
        uint sourceType = type switch
        {
            TensorType.F32 => PackWeightKernel.SourceFloat32,
            TensorType.F16 => PackWeightKernel.SourceFloat16,
            _ => PackWeightKernel.SourceBFloat16,
        };
        GpuBufferRange source = staging.Whole, target = packed.Whole;
        if (PackTapsKernel.Program(request) is { } program)
        {
            var taps = PackTapsKernel.Launch(request, sourceType, sourceOffset);
            Dispatch(stagings, program, [source, target], taps.PushConstants.AsSpan(), taps.Groups);
            KeepAsFragments(request, stagings, target);
            return;
        }
        if (request.Norm is { } norm)
            StageNorm(request, norm, MemoryMarshal.Cast<byte, float>(staging.Mapped)[(int)normOffset..]);
        if (request.Type == DataType.Int8)
        {
            var whole = PackInt8Kernel.Launch(request, sourceType, sourceOffset, normOffset);
            Dispatch(stagings, PackInt8Kernel.Program, [source, source, target], whole.PushConstants.AsSpan(), whole.Groups);
            return;
        }
        var (push, groups) = PackWeightKernel.Launch(request, sourceType, sourceOffset, request.Norm is null ? null : normOffset);
        Dispatch(stagings, PackWeightKernel.Program(request.Type), [source, target, source], push.AsSpan(), groups);
        if (request.Norm is not null)
        {
            (push, groups) = FoldNormKernel.Launch(request, sourceType, sourceOffset, normOffset);
            Dispatch(stagings, FoldNormKernel.Program, [source, source, target], push.AsSpan(), groups);
        }
        KeepAsFragments(request, stagings, target);
    }

    private void KeepAsFragments(WeightRequest request, StagingPair stagings, GpuBufferRange packed)
    {
        if (request.Fragments is not { } unit)
            return;
        stagings.Recording.Barrier();
        var (push, groups) = WeightFragmentsKernel.Launch(unit, request.PanelsCount);
        Dispatch(stagings, WeightFragmentsKernel.Program, [packed, packed], push.AsSpan(), groups, WeightFragmentsKernel.Constants(unit).AsSpan());
    }

    private void Dispatch(
        StagingPair stagings, string shader, ReadOnlySpan<GpuBufferRange> ranges, ReadOnlySpan<byte> push, GroupCount groups,
        ReadOnlySpan<uint> specialization = default) =>
        stagings.Recording.Dispatch(device.GetProgram(shader, specialization, ranges.Length, push.Length), ranges, push, groups.X, groups.Y, groups.Z);

    private void StageNorm(WeightRequest request, FoldedNorm norm, Span<float> staged)
    {
        checkpoint.ReadFloats(norm.Weight).CopyTo(staged);
        checkpoint.ReadFloats(norm.Bias).CopyTo(staged[request.Columns..]);
        Span<float> biases = staged.Slice(2 * request.Columns, request.Rows);
        biases.Clear();
        foreach (string name in norm.LayerBiases)
        {
            float[] bias = checkpoint.ReadFloats(name);
            bias.CopyTo(biases);
            biases = biases[bias.Length..];
        }
    }

    private TensorInfo Tensor(string name) => checkpoint.Tensors[name];
}
