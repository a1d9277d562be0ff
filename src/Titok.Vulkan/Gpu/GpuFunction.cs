using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>A function of a module in PTX. It finds its bindings by the addresses among its parameters.</summary>
internal sealed class GpuFunction(
    GpuDevice device, BinaryImport import, string name, CuFunctionNVX handle, int threads, int sharedMemoryInBytes, int bindingCount, int parameterSizeInBytes)
    : GpuProgram(device, name, bindingCount, parameterSizeInBytes)
{
    private const int AlignmentInBytes = 16;

    /// <summary>Threads of a block, which are all along x.</summary>
    public int Threads => threads;

    /// <summary>What a block has of shared memory besides what the function declares.</summary>
    public int SharedMemoryInBytes => sharedMemoryInBytes;

    /// <summary>Where it is launched by.</summary>
    internal BinaryImport Import => import;

    internal CuFunctionNVX Handle => handle;

    private protected override void CheckBinding(int index, GpuBufferRange range)
    {
        // They read and write so many bytes at a time, and count elements in 32 bits as shaders do.
        if (range.OffsetInBytes % AlignmentInBytes != 0)
            throw new ArgumentException($"'{Name}' binding {index}: offset {range.OffsetInBytes} of '{range.Buffer.Name}' is not a multiple of {AlignmentInBytes}.");
        CheckSize(index, range);
    }
}
