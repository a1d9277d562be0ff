using System.Collections.Immutable;

namespace Titok.Vulkan.Checkpoints;

/// <summary>Where a tensor lies in its file.</summary>
/// <param name="Info">Name, type and shape.</param>
/// <param name="OffsetInBytes">Of its first element, from the start of the file.</param>
/// <param name="Strides">In elements, one a dimension; <c>default</c> when the tensor is contiguous.</param>
internal sealed record StoredTensor(TensorInfo Info, long OffsetInBytes, ImmutableArray<long> Strides = default)
{
    public bool IsContiguous => Strides.IsDefault;

    /// <summary>Gathers a strided tensor into one contiguous array.</summary>
    public byte[] Gather(ByteSource source)
    {
        int elementSizeInBytes = Info.Type.SizeInBytes();
        var gathered = new byte[Info.LengthInBytes];
        if (gathered.Length == 0)
            return gathered;

        ImmutableArray<int> shape = Info.Shape;
        Span<int> index = stackalloc int[shape.Length];
        index.Clear();
        long element = 0;
        for (int written = 0; ;)
        {
            source.Slice(OffsetInBytes + (element * elementSizeInBytes), elementSizeInBytes).CopyTo(gathered.AsSpan(written));
            written += elementSizeInBytes;
            int dimension = shape.Length - 1;
            while (dimension >= 0 && ++index[dimension] == shape[dimension])
            {
                element -= (shape[dimension] - 1) * Strides[dimension];
                index[dimension--] = 0;
            }

            if (dimension < 0)
                return gathered;
            element += Strides[dimension];
        }
    }
}

/// <summary>What a checkpoint file's reader found.</summary>
internal sealed record CheckpointContents(IReadOnlyDictionary<string, StoredTensor> Tensors, IReadOnlyCollection<string> IntegerBuffers);
