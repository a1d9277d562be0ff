using Titok.Vulkan.Gpu;

namespace Titok.Vulkan;

/// <summary>A buffer that another device, process or interface can import; a job's output by <see cref="TitokBufferOutput"/>.</summary>
public sealed class TitokSharedBuffer : IDisposable
{
    private readonly GpuSharedBuffer _buffer;

    /// <summary>Makes a buffer with undefined contents.</summary>
    /// <param name="device">The device; it must outlive the buffer.</param>
    /// <param name="sizeInBytes">At least 1.</param>
    /// <param name="handleType">How it is going to be exported.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size is less than 1, or there is no such handle type.</exception>
    /// <exception cref="MissingFeatureException">The device can't share buffers so.</exception>
    /// <exception cref="OutOfDeviceMemoryException">It does not fit.</exception>
    public TitokSharedBuffer(TitokDevice device, long sizeInBytes, TitokHandleType handleType)
    {
        ArgumentNullException.ThrowIfNull(device);
        _buffer = device.Gpu.CreateSharedBuffer(sizeInBytes, EnumValue.Defined(handleType, nameof(handleType)));
    }

    /// <summary>The VkBuffer, for transfers.</summary>
    public ulong Buffer => _buffer.Handle.Handle;

    /// <summary>What was asked for.</summary>
    public long SizeInBytes => _buffer.SizeInBytes;

    /// <summary>Size of the memory, VkMemoryAllocateInfo::allocationSize of whoever imports it. The buffer starts at its beginning.</summary>
    public long MemorySizeInBytes => _buffer.MemorySizeInBytes;

    /// <summary>VkMemoryAllocateInfo::memoryTypeIndex of whoever imports it; the memory is dedicated to the buffer.</summary>
    public int MemoryTypeIndex => _buffer.MemoryTypeIndex;

    /// <summary>A new handle: a file descriptor or NT handle. It is the caller's to import or to close.</summary>
    /// <exception cref="TitokException">The driver gives no handle.</exception>
    /// <exception cref="DeviceLostException">The device was lost.</exception>
    public nint Export() => _buffer.Export();

    /// <summary>
    /// Destroys the buffer, once what was submitted by the library is executed; never waits. The host's command buffers with slices
    /// that use it must have been executed, and no job may still have it as its output.
    /// </summary>
    public void Dispose() => _buffer.Dispose();
}
