namespace Titok.Vulkan.Graphs;

/// <summary>Where the bytes of a value live when a plan runs.</summary>
internal enum ValueKind
{
    /// <summary>Made and used up inside the plan; lies in the plan's arena, where lifetimes that do not meet share bytes.</summary>
    Intermediate,

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

/// <summary>A value seen with a shape, row-major.</summary>
internal sealed record Tensor(Value Value, Shape Shape)
{
    public DataType Type => Value.Type;

    /// <summary>The same bytes with another shape of as many elements.</summary>
    public Tensor Reshape(params ReadOnlySpan<int> extents)
    {
        var shape = new Shape(extents);
        if (shape.Count != Shape.Count)
            throw new ArgumentException($"{Value.Name}: {Shape} cannot be seen as {shape}.");
        return this with { Shape = shape };
    }

    public override string ToString() => $"{Value.Name}{Shape}:{Type}";
}
