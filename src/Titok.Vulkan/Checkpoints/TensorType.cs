namespace Titok.Vulkan.Checkpoints;

/// <summary>How a weight is stored.</summary>
internal enum TensorType
{
    F32,
    F16,
    BF16,
}

internal static class TensorTypes
{
    public static int SizeInBytes(this TensorType type) => type == TensorType.F32 ? 4 : 2;

    /// <summary>The safetensors name of a type.</summary>
    public static string Name(this TensorType type) => type switch
    {
        TensorType.F32 => "F32",
        TensorType.F16 => "F16",
        _ => "BF16",
    };
}

/// <summary>
/// An element type as a file declares it: a weight type, or an integer type. Integer tensors (such as a BERT's
/// <c>position_ids</c>) are buffers the networks recompute, so they are recognised, checked and then left alone.
/// </summary>
internal readonly record struct ElementType(int SizeInBytes, TensorType? Weight)
{
    public static ElementType OfWeight(TensorType type) => new(type.SizeInBytes(), type);

    public static ElementType OfInteger(int sizeInBytes) => new(sizeInBytes, null);

    /// <summary>Finds the type behind a safetensors <c>dtype</c>; null for one this program does not read.</summary>
    public static ElementType? FromSafetensors(string dtype) => dtype switch
    {
        "F32" => OfWeight(TensorType.F32),
        "F16" => OfWeight(TensorType.F16),
        "BF16" => OfWeight(TensorType.BF16),
        "BOOL" or "U8" or "I8" => OfInteger(1),
        "U16" or "I16" => OfInteger(2),
        "U32" or "I32" => OfInteger(4),
        "U64" or "I64" => OfInteger(8),
        _ => null,
    };

    /// <summary>Finds the type behind a PyTorch storage class; null for one this program does not read.</summary>
    public static ElementType? FromPyTorchStorage(string storage) => storage switch
    {
        "FloatStorage" => OfWeight(TensorType.F32),
        "HalfStorage" => OfWeight(TensorType.F16),
        "BFloat16Storage" => OfWeight(TensorType.BF16),
        "BoolStorage" or "ByteStorage" or "CharStorage" => OfInteger(1),
        "ShortStorage" => OfInteger(2),
        "IntStorage" => OfInteger(4),
        "LongStorage" => OfInteger(8),
        _ => null,
    };
}
