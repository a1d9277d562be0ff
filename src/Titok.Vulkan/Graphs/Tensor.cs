namespace Titok.Vulkan.Graphs;

/// <summary>Where the bytes of a value live when a plan runs.</summary>
internal enum ValueKind
{
    /// <summary>Made and used up inside the plan; lies in the plan's arena, where lifetimes that do not meet share bytes.</summary>
    Intermediate,

    /// <summary>
    /// Counters of the kernels' own, zeros when a plan begins, with which no other value shares bytes: of products in parts, zeros after every
    /// call too, and of launches in chains.
    /// </summary>
    Counters,

    /// <summary>A checkpoint tensor, or several packed as one; read only.</summary>
    Weight,

    /// <summary>A buffer that whoever runs the plan provides by name: inputs, outputs and loop state.</summary>
    External,
}

/// <summary>A block of bytes that dispatches read and write. Tensors are shapes laid over a value.</summary>
internal sealed class Value(int id, ValueKind kind, string name, DataType type, long count)
{
    public int Id => id;

    public ValueKind Kind => kind;

    public string Name => name;

    public DataType Type => type;

    public long SizeInBytes => count * type.SizeInBytes();

    /// <summary>What to load into it; only for weights.</summary>
    public WeightRequest? Weight { get; init; }
}

/// <summary>Bytes of a value.</summary>
internal readonly record struct ValueRange(Value Value, long OffsetInBytes, long SizeInBytes);

/// <summary>A value, or a stretch of it, seen with a shape, row-major.</summary>
internal sealed record Tensor(Value Value, Shape Shape, long OffsetInBytes = 0)
{
    public DataType Type => Value.Type;

    /// <summary>Weights are padded where they are packed; all else is as long as its shape.</summary>
    public long SizeInBytes => Value.Kind == ValueKind.Weight ? Value.SizeInBytes : Shape.Count * Type.SizeInBytes();

    /// <summary>The same bytes with another shape of as many elements.</summary>
    public Tensor Reshape(params ReadOnlySpan<int> extents)
    {
        var shape = new Shape(extents);
        if (shape.Count != Shape.Count)
            throw new ArgumentException($"{Value.Name}: {Shape} can't be seen as {shape}.");
        return this with { Shape = shape };
    }

    /// <summary>Its bytes, whatever the shape that they are seen with.</summary>
    public ValueRange Range => new(Value, OffsetInBytes, SizeInBytes);

    /// <summary>Whether slices of every so many entries of the first axis begin where a storage buffer may.</summary>
    public bool IsSliceableEvery(int entries) => Shape.Count / Shape[0] * entries * Type.SizeInBytes() % ArenaPlanner.Alignment == 0;

    /// <summary>Entries [first, first + count) of the first axis.</summary>
    public Tensor Slice(int first, int count)
    {
        if (first < 0 || count < 1 || first + count > Shape[0] || !IsSliceableEvery(first))
            throw new ArgumentException($"{Value.Name}: {Shape} has no slice of {count} that begins at {first}.");
        long offsetInBytes = Shape.Count / Shape[0] * first * Type.SizeInBytes();
        return this with { Shape = Shape.With(0, count), OffsetInBytes = OffsetInBytes + offsetInBytes };
    }

    public override string ToString() => OffsetInBytes == 0 ? $"{Value.Name}{Shape}:{Type}" : $"{Value.Name}+{OffsetInBytes}{Shape}:{Type}";
}
