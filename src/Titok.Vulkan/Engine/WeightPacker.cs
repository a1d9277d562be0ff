using System.Runtime.InteropServices;
using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Engine;

/// <summary>Brings a checkpoint's weights to the device, converted and packed as kernels want them: by kernels, from upload buffers.</summary>
internal sealed class WeightPacker(GpuDevice device, Checkpoint checkpoint)
{
    private const int PieceInBytes = 256 << 10;

    /// <summary>Hints that a weight will be packed soon, so that the disk can begin.</summary>
    public void Expect(WeightRequest request)
    {
        foreach (string name in request.Names)
            checkpoint.Expect(name);
    }

    /// <summary>What a weight takes of an upload buffer.</summary>
    public long SourceSizeInBytes(WeightRequest request) =>
        ArenaPlanner.Align(request.Names.Sum(n => Tensor(n).LengthInBytes)) + NormSizeInBytes(request);

    /// <summary>Records how a weight gets into its buffer; what the recording reads of the checkpoint is copied here.</summary>
    public void Pack(WeightRequest request, StagingPair stagings, GpuBuffer packed)
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
            Copy(name, bytes, type, request.Type, staging.Mapped[(int)at..]);
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

    /// <summary>By pieces that stay in a core's cache, so that looking at them costs little.</summary>
    private void Copy(string name, ReadOnlySpan<byte> bytes, TensorType type, DataType keptAs, Span<byte> to)
    {
        bool toHalf = keptAs == DataType.Float16;
        for (int first = 0; first < bytes.Length; first += PieceInBytes)
        {
            ReadOnlySpan<byte> piece = bytes.Slice(first, Math.Min(PieceInBytes, bytes.Length - first));
            if (WeightRange.FirstOutside(piece, type, toHalf) is >= 0 and int index)
            {
                index += first / type.SizeInBytes();
                throw WeightRange.Refusal(checkpoint.File, name, index, checkpoint.ReadFloats(name)[index], toHalf);
            }
            piece.CopyTo(to[first..]);
        }
    }

    /// <summary>A folded norm's weight and bias, and the layer's bias.</summary>
    private static long NormSizeInBytes(WeightRequest request) =>
        request.Norm is null ? 0 : (2L * request.Columns + request.Rows) * sizeof(float);

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
