using Titok.Vulkan.Gpu;

namespace Titok.Vulkan;

/// <summary>Kinds of handles by which another device, process or interface gets at shared memory and semaphores.</summary>
public enum TitokHandleType
{
    /// <summary>A POSIX file descriptor: Vulkan of the same driver, CUDA, OpenGL on Linux.</summary>
    OpaqueFileDescriptor,

    /// <summary>A file descriptor of a dma_buf: other drivers, video, compositors on Linux. Semaphores go as opaque ones.</summary>
    DmaBuf,

    /// <summary>An NT handle: Vulkan of the same driver, Direct3D 12, CUDA on Windows. Not run by this project's tests.</summary>
    OpaqueWin32,
}

/// <summary>A buffer that another device, process or interface can import; a job's output by <see cref="TitokBufferOutput"/>.</summary>
public sealed class TitokSharedBuffer : IDisposable
{
    private readonly GpuSharedBuffer _buffer;

    /// <summary>Makes a buffer with undefined contents.</summary>
    /// <param name="device">The device; it must outlive the buffer.</param>
    /// <param name="sizeInBytes">At least 1.</param>
    /// <param name="handleType">How it is going to be exported.</param>
    /// <exception cref="MissingFeatureException">The device can't share buffers so.</exception>
    public TitokSharedBuffer(TitokDevice device, long sizeInBytes, TitokHandleType handleType) =>
        _buffer = device.Gpu.CreateSharedBuffer(sizeInBytes, handleType.ToKind());

    /// <summary>The VkBuffer, for transfers.</summary>
    public ulong Buffer => _buffer.Handle.Handle;

    /// <summary>What was asked for.</summary>
    public long SizeInBytes => _buffer.SizeInBytes;

    /// <summary>Size of the memory, VkMemoryAllocateInfo::allocationSize of whoever imports it. The buffer starts at its beginning.</summary>
    public long MemorySizeInBytes => _buffer.MemorySizeInBytes;

    /// <summary>VkMemoryAllocateInfo::memoryTypeIndex of whoever imports it; the memory is dedicated to the buffer.</summary>
    public int MemoryTypeIndex => _buffer.MemoryTypeIndex;

    /// <summary>A new handle: a file descriptor or NT handle. It is the caller's to import or to close.</summary>
    public nint Export() => _buffer.Export();

    /// <inheritdoc/>
    public void Dispose() => _buffer.Dispose();
}

/// <summary>A semaphore that another device, process or interface can import; to be waited for or signalled by slices.</summary>
public sealed class TitokSharedSemaphore : IDisposable
{
    private readonly GpuSharedSemaphore _semaphore;

    /// <summary>Makes a semaphore, of value 0 or not signalled.</summary>
    /// <param name="device">The device; it must outlive the semaphore.</param>
    /// <param name="handleType">How it is going to be exported.</param>
    /// <param name="isTimeline">Whether it counts; a binary one serves one wait for each signal, and more drivers share it.</param>
    /// <exception cref="MissingFeatureException">The device can't share semaphores so.</exception>
    public TitokSharedSemaphore(TitokDevice device, TitokHandleType handleType, bool isTimeline = true) =>
        _semaphore = device.Gpu.CreateSharedSemaphore(handleType.ToKind(), isTimeline);

    /// <summary>The VkSemaphore, for <see cref="TitokSemaphore"/>.</summary>
    public ulong Semaphore => _semaphore.Handle.Handle;

    /// <summary>A new handle: a file descriptor or NT handle. It is the caller's to import or to close.</summary>
    public nint Export() => _semaphore.Export();

    /// <inheritdoc/>
    public void Dispose() => _semaphore.Dispose();
}

/// <summary>The kinds' internal names.</summary>
internal static class TitokHandleTypeExtensions
{
    public static GpuHandleKind ToKind(this TitokHandleType type) => type switch
    {
        TitokHandleType.OpaqueFileDescriptor => GpuHandleKind.OpaqueFd,
        TitokHandleType.DmaBuf => GpuHandleKind.DmaBuf,
        TitokHandleType.OpaqueWin32 => GpuHandleKind.OpaqueWin32,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "There is no such type of handle."),
    };
}
