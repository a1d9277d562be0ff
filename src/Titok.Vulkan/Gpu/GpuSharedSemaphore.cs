using Silk.NET.Vulkan;
using VkSemaphore = Silk.NET.Vulkan.Semaphore;

namespace Titok.Vulkan.Gpu;

/// <summary>A semaphore that other devices and interfaces can import.</summary>
internal sealed unsafe class GpuSharedSemaphore : GpuSharedObject
{
    public GpuSharedSemaphore(GpuDevice device, TitokHandleType handleType, bool isTimeline)
        : base(device, handleType)
    {
        if (GpuSharedHandle.WhyNoSemaphores(device, handleType, isTimeline) is { } missing)
            throw Refusal(device, "semaphores", handleType, missing);
        var export = new ExportSemaphoreCreateInfo { SType = StructureType.ExportSemaphoreCreateInfo, HandleTypes = GpuSharedHandle.Semaphore(handleType) };
        var type = new SemaphoreTypeCreateInfo { SType = StructureType.SemaphoreTypeCreateInfo, PNext = &export, SemaphoreType = isTimeline ? SemaphoreType.Timeline : SemaphoreType.Binary };
        var info = new SemaphoreCreateInfo { SType = StructureType.SemaphoreCreateInfo, PNext = &type };
        VkSemaphore semaphore;
        device.Check(device.Vk.CreateSemaphore(device.Handle, &info, null, &semaphore), "vkCreateSemaphore");
        Handle = semaphore;
        device.LiveObjects.Add();
    }

    public VkSemaphore Handle { get; }

    protected override string Exported => "Semaphore";

    protected override Result GetDescriptor(nint function, int* descriptor)
    {
        var info = new SemaphoreGetFdInfoKHR { SType = StructureType.SemaphoreGetFDInfoKhr, Semaphore = Handle, HandleType = GpuSharedHandle.Semaphore(HandleType) };
        return ((delegate* unmanaged<nint, SemaphoreGetFdInfoKHR*, int*, Result>)function)(Device.Handle.Handle, &info, descriptor);
    }

    protected override Result GetWin32Handle(nint function, nint* handle)
    {
        var info = new SemaphoreGetWin32HandleInfoKHR { SType = StructureType.SemaphoreGetWin32HandleInfoKhr, Semaphore = Handle, HandleType = GpuSharedHandle.Semaphore(HandleType) };
        return ((delegate* unmanaged<nint, SemaphoreGetWin32HandleInfoKHR*, nint*, Result>)function)(Device.Handle.Handle, &info, handle);
    }

    protected override void Destroy()
    {
        Device.Vk.DestroySemaphore(Device.Handle, Handle, null);
        Device.LiveObjects.Remove();
    }
}
