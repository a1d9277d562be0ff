namespace Titok.Vulkan;

/// <summary>The best that a device was seen to do, to hold a model's figures against.</summary>
/// <param name="CopyBytesPerSecond">Bytes read and written by copies between two buffers of 64 MiB.</param>
/// <param name="MatrixOperationsPerSecond">Multiplications and additions of one large product in the model's precision, by the library's own kernel.</param>
public sealed record TitokDeviceCeilings(double CopyBytesPerSecond, double MatrixOperationsPerSecond);
