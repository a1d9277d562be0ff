using Silk.NET.Vulkan;
using VkSemaphore = Silk.NET.Vulkan.Semaphore;

namespace Titok.Vulkan.Gpu;

/// <summary>A semaphore that other devices and interfaces can import.</summary>
internal sealed unsafe class GpuSharedSemaphore : IDisposable
{
    private readonly GpuDevice _device;
    private readonly GpuHandleKind _kind;
    private int _disposed;

    public GpuSharedSemaphore(GpuDevice device, GpuHandleKind kind, bool isTimeline)
    {
        if (GpuSharedHandle.WhyNoSemaphores(device, kind, isTimeline) is { } missing)
            throw new MissingFeatureException(missing, $"{device.Physical.Name} can't share semaphores as {kind}: it lacks {missing}, or the host has not turned it on.");
        (_device, _kind) = (device, kind);
        var export = new ExportSemaphoreCreateInfo { SType = StructureType.ExportSemaphoreCreateInfo, HandleTypes = GpuSharedHandle.Semaphore(kind) };
        var type = new SemaphoreTypeCreateInfo { SType = StructureType.SemaphoreTypeCreateInfo, PNext = &export, SemaphoreType = isTimeline ? SemaphoreType.Timeline : SemaphoreType.Binary };
        var info = new SemaphoreCreateInfo { SType = StructureType.SemaphoreCreateInfo, PNext = &type };
        VkSemaphore semaphore;
        device.Check(device.Vk.CreateSemaphore(device.Handle, &info, null, &semaphore), "vkCreateSemaphore");
        Handle = semaphore;
        device.LiveObjects.Add();
    }

    public VkSemaphore Handle { get; }

    /// <summary>A new handle of the semaphore; the caller's to import, which takes it, or to close.</summary>
    public nint Export()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        _device.ThrowIfUnusable();
        if (_kind == GpuHandleKind.OpaqueWin32)
        {
            var windows = new SemaphoreGetWin32HandleInfoKHR { SType = StructureType.SemaphoreGetWin32HandleInfoKhr, Semaphore = Handle, HandleType = GpuSharedHandle.Semaphore(_kind) };
            nint handle;
            var getHandle = (delegate* unmanaged<nint, SemaphoreGetWin32HandleInfoKHR*, nint*, Result>)_device.Functions.GetProcAddress("vkGetSemaphoreWin32HandleKHR");
            _device.Check(getHandle(_device.Handle.Handle, &windows, &handle), "vkGetSemaphoreWin32HandleKHR");
            return handle;
        }
        var info = new SemaphoreGetFdInfoKHR { SType = StructureType.SemaphoreGetFDInfoKhr, Semaphore = Handle, HandleType = GpuSharedHandle.Semaphore(_kind) };
        int descriptor;
        var getDescriptor = (delegate* unmanaged<nint, SemaphoreGetFdInfoKHR*, int*, Result>)_device.Functions.GetProcAddress("vkGetSemaphoreFdKHR");
        _device.Check(getDescriptor(_device.Handle.Handle, &info, &descriptor), "vkGetSemaphoreFdKHR");
        return descriptor;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _device.Forget(this);
        _device.Timeline.WaitForDisposal();
        _device.Vk.DestroySemaphore(_device.Handle, Handle, null);
        _device.LiveObjects.Remove();
    }
}
