using Silk.NET.Vulkan;

namespace Titok.Demo.Graphics;

/// <summary>The functions of VK_KHR_swapchain.</summary>
internal sealed unsafe class SwapchainFunctions(GraphicsDevice device)
{
    private readonly delegate* unmanaged<nint, SwapchainCreateInfoKHR*, void*, SwapchainKHR*, Result> _create =
        (delegate* unmanaged<nint, SwapchainCreateInfoKHR*, void*, SwapchainKHR*, Result>)device.Functions.GetProcAddress("vkCreateSwapchainKHR");

    private readonly delegate* unmanaged<nint, SwapchainKHR, void*, void> _destroy =
        (delegate* unmanaged<nint, SwapchainKHR, void*, void>)device.Functions.GetProcAddress("vkDestroySwapchainKHR");

    private readonly delegate* unmanaged<nint, SwapchainKHR, uint*, Image*, Result> _getImages =
        (delegate* unmanaged<nint, SwapchainKHR, uint*, Image*, Result>)device.Functions.GetProcAddress("vkGetSwapchainImagesKHR");

    private readonly delegate* unmanaged<nint, SwapchainKHR, ulong, Silk.NET.Vulkan.Semaphore, Fence, uint*, Result> _acquire =
        (delegate* unmanaged<nint, SwapchainKHR, ulong, Silk.NET.Vulkan.Semaphore, Fence, uint*, Result>)device.Functions.GetProcAddress("vkAcquireNextImageKHR");

    private readonly delegate* unmanaged<nint, PresentInfoKHR*, Result> _present =
        (delegate* unmanaged<nint, PresentInfoKHR*, Result>)device.Functions.GetProcAddress("vkQueuePresentKHR");

    public Result Create(in SwapchainCreateInfoKHR info, out SwapchainKHR swapchain)
    {
        fixed (SwapchainCreateInfoKHR* create = &info)
        {
            fixed (SwapchainKHR* made = &swapchain)
                return _create(device.Handle.Handle, create, null, made);
        }
    }

    public void Destroy(SwapchainKHR swapchain) => _destroy(device.Handle.Handle, swapchain, null);

    public Image[] Images(SwapchainKHR swapchain)
    {
        uint count = 0;
        VulkanCall.Check(_getImages(device.Handle.Handle, swapchain, &count, null));
        var images = new Image[count];
        fixed (Image* first = images)
            VulkanCall.Check(_getImages(device.Handle.Handle, swapchain, &count, first));
        return images;
    }

    public Result Acquire(SwapchainKHR swapchain, TimeSpan timeout, Silk.NET.Vulkan.Semaphore acquired, out uint image)
    {
        fixed (uint* index = &image)
            return _acquire(device.Handle.Handle, swapchain, (ulong)(timeout.TotalMilliseconds * 1e6), acquired, default, index);
    }

    public Result Present(SwapchainKHR swapchain, uint image, Silk.NET.Vulkan.Semaphore drawn)
    {
        var info = new PresentInfoKHR
        {
            SType = StructureType.PresentInfoKhr,
            WaitSemaphoreCount = 1,
            PWaitSemaphores = &drawn,
            SwapchainCount = 1,
            PSwapchains = &swapchain,
            PImageIndices = &image,
        };
        lock (device.QueueLock)
            return _present(device.Queue.Handle, &info);
    }
}
