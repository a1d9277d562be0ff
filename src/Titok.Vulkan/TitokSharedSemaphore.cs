using Titok.Vulkan.Gpu;

namespace Titok.Vulkan;

/// <summary>A semaphore that another device, process or interface can import; to be waited for or signalled by slices.</summary>
public sealed class TitokSharedSemaphore : IDisposable
{
    private readonly GpuSharedSemaphore _semaphore;

    /// <summary>Makes a semaphore, of value 0 or not signalled.</summary>
    /// <param name="device">The device; it must outlive the semaphore.</param>
    /// <param name="handleType">How it is going to be exported.</param>
    /// <param name="isTimeline">Whether it counts; a binary one serves one wait for each signal, and more drivers share it.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such handle type.</exception>
    /// <exception cref="MissingFeatureException">The device can't share semaphores so.</exception>
    public TitokSharedSemaphore(TitokDevice device, TitokHandleType handleType, bool isTimeline = true)
    {
        ArgumentNullException.ThrowIfNull(device);
        _semaphore = device.Gpu.CreateSharedSemaphore(EnumValue.Defined(handleType, nameof(handleType)), isTimeline);
    }

    /// <summary>The VkSemaphore, for <see cref="TitokSemaphore"/>.</summary>
    public ulong Semaphore => _semaphore.Handle.Handle;

    /// <summary>A new handle: a file descriptor or NT handle. It is the caller's to import or to close.</summary>
    /// <exception cref="TitokException">The driver gives no handle.</exception>
    /// <exception cref="DeviceLostException">The device was lost.</exception>
    public nint Export() => _semaphore.Export();

    /// <summary>
    /// Destroys the semaphore, once what was submitted by the library is executed; never waits. The host's command buffers with slices
    /// that use it must have been executed.
    /// </summary>
    public void Dispose() => _semaphore.Dispose();
}
