using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>A function of a module in PTX. It finds its bindings by the addresses among its parameters.</summary>
internal sealed class GpuFunction(
    GpuDevice device, BinaryImport import, string name, CuFunctionNVX handle, int threads, int sharedMemoryInBytes, int bindingCount, int parameterSizeInBytes)
    : GpuProgram(device, name, bindingCount, parameterSizeInBytes)
{
    /// <summary>Threads of a block, which are all along x.</summary>
    public int Threads => threads;

    /// <summary>What a block has of shared memory besides what the function declares.</summary>
    public int SharedMemoryInBytes => sharedMemoryInBytes;

    /// <summary>Where it is launched by.</summary>
    internal BinaryImport Import => import;

    internal CuFunctionNVX Handle => handle;

    private protected override void CheckBinding(int index, GpuBufferRange range)
    {
        // Any address will do: the alignments and sizes that Vulkan limits are those of descriptors.
    }
}
