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
