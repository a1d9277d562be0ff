namespace Titok.Vulkan.Graphs;

/// <summary>How an element lies in a buffer. Arithmetic is fp32 whatever the storage.</summary>
internal enum DataType
{
    Float32,
    Float16,
    UInt32,
}

internal static class DataTypeExtensions
{
    public static int SizeInBytes(this DataType type) => type == DataType.Float16 ? 2 : 4;
}
