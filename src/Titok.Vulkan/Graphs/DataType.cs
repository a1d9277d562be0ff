namespace Titok.Vulkan.Graphs;

/// <summary>How an element lies in a buffer. Arithmetic is fp32 whatever the storage.</summary>
internal enum DataType
{
    Float32,
    Float16,
    UInt32,

    /// <summary>Whole numbers in −127..127, with a scale for each output feature; only of weights.</summary>
    Int8,
}

internal static class DataTypeExtensions
{
    public static int SizeInBytes(this DataType type) => type switch
    {
        DataType.Int8 => 1,
        DataType.Float16 => 2,
        _ => 4,
    };
}
