namespace Titok.Vulkan;

/// <summary>Types of handles by which another device, process or interface gets at shared memory and semaphores.</summary>
public enum TitokHandleType
{
    /// <summary>A POSIX file descriptor: Vulkan of the same driver, CUDA, OpenGL on Linux.</summary>
    OpaqueFileDescriptor,

    /// <summary>A file descriptor of a dma_buf: other drivers, video, compositors on Linux. Semaphores go as opaque ones.</summary>
    DmaBuf,

    /// <summary>An NT handle: Vulkan of the same driver, Direct3D 12, CUDA on Windows. Not run by this project's tests.</summary>
    OpaqueWin32,
}
