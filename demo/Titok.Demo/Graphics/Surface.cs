using Silk.NET.Vulkan;
using Titok.Demo.Windowing;

namespace Titok.Demo.Graphics;

/// <summary>What a window shows of Vulkan, and the functions of VK_KHR_surface.</summary>
internal sealed unsafe class Surface : IDisposable
{
    private readonly GraphicsInstance _instance;
    private readonly delegate* unmanaged<nint, SurfaceKHR, SurfaceCapabilitiesKHR*, Result> _getCapabilities;
    private readonly delegate* unmanaged<nint, SurfaceKHR, uint*, SurfaceFormatKHR*, Result> _getFormats;
    private readonly delegate* unmanaged<nint, SurfaceKHR, uint*, PresentModeKHR*, Result> _getPresentModes;
    private readonly delegate* unmanaged<nint, uint, SurfaceKHR, uint*, Result> _getSupport;
    private readonly delegate* unmanaged<nint, SurfaceKHR, void*, void> _destroy;

    public Surface(GraphicsInstance instance, Window window)
    {
        _instance = instance;
        VulkanLoader functions = instance.Functions;
        _getCapabilities = (delegate* unmanaged<nint, SurfaceKHR, SurfaceCapabilitiesKHR*, Result>)functions.GetProcAddress("vkGetPhysicalDeviceSurfaceCapabilitiesKHR");
        _getFormats = (delegate* unmanaged<nint, SurfaceKHR, uint*, SurfaceFormatKHR*, Result>)functions.GetProcAddress("vkGetPhysicalDeviceSurfaceFormatsKHR");
        _getPresentModes = (delegate* unmanaged<nint, SurfaceKHR, uint*, PresentModeKHR*, Result>)functions.GetProcAddress("vkGetPhysicalDeviceSurfacePresentModesKHR");
        _getSupport = (delegate* unmanaged<nint, uint, SurfaceKHR, uint*, Result>)functions.GetProcAddress("vkGetPhysicalDeviceSurfaceSupportKHR");
        _destroy = (delegate* unmanaged<nint, SurfaceKHR, void*, void>)functions.GetProcAddress("vkDestroySurfaceKHR");
        ulong handle;
        VulkanCall.Check((Result)Glfw.CreateWindowSurface(instance.Handle.Handle, window.Handle, null, &handle));
        Handle = new SurfaceKHR(handle);
    }

    public SurfaceKHR Handle { get; }

    public bool Supports(PhysicalDevice device, uint queueFamily)
    {
        uint supported;
        return _getSupport(device.Handle, queueFamily, Handle, &supported) == Result.Success && supported != 0;
    }

    /// <summary>Null where the surface is lost.</summary>
    public SurfaceCapabilitiesKHR? Capabilities(PhysicalDevice device)
    {
        SurfaceCapabilitiesKHR capabilities;
        Result result = _getCapabilities(device.Handle, Handle, &capabilities);
        if (result == Result.ErrorSurfaceLostKhr)
            return null;
        VulkanCall.Check(result);
        return capabilities;
    }

    /// <summary>Eight bits a channel, stored as they are, if there is such a one.</summary>
    public SurfaceFormatKHR ChooseFormat(PhysicalDevice device)
    {
        uint count = 0;
        VulkanCall.Check(_getFormats(device.Handle, Handle, &count, null));
        var formats = new SurfaceFormatKHR[Math.Max(1, count)];
        fixed (SurfaceFormatKHR* first = formats)
            VulkanCall.Check(_getFormats(device.Handle, Handle, &count, first));
        foreach (SurfaceFormatKHR format in formats)
        {
            if (format.Format is (Format.B8G8R8A8Unorm or Format.R8G8B8A8Unorm) && format.ColorSpace == ColorSpaceKHR.SpaceSrgbNonlinearKhr)
                return format;
        }
        return formats[0];
    }

    /// <summary>Every frame in turn, one a refresh; or, where it is offered and asked for, the newest at each refresh. Neither tears.</summary>
    public PresentModeKHR ChoosePresentMode(PhysicalDevice device, bool mailbox)
    {
        uint count = 0;
        VulkanCall.Check(_getPresentModes(device.Handle, Handle, &count, null));
        var modes = new PresentModeKHR[count];
        fixed (PresentModeKHR* first = modes)
            VulkanCall.Check(_getPresentModes(device.Handle, Handle, &count, first));
        return mailbox && modes.Contains(PresentModeKHR.MailboxKhr) ? PresentModeKHR.MailboxKhr : PresentModeKHR.FifoKhr;
    }

    public void Dispose() => _destroy(_instance.Handle.Handle, Handle, null);
}
