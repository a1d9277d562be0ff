using System.Runtime.InteropServices;
using System.Text;
using Silk.NET.Core.Contexts;
using Titok.Vulkan;

namespace Titok.Demo.Graphics;

/// <summary>Finds Vulkan functions, of the loader, an instance or a device, by name.</summary>
internal sealed unsafe class VulkanLoader : INativeContext
{
    private readonly delegate* unmanaged<nint, byte*, nint> _getInstanceProcAddr;
    private readonly delegate* unmanaged<nint, byte*, nint> _getDeviceProcAddr;
    private readonly nint _instance, _device;

    /// <summary>Loads the system's Vulkan loader.</summary>
    /// <exception cref="NoVulkanLoaderException">It is not installed.</exception>
    public VulkanLoader()
    {
        string[] names = OperatingSystem.IsWindows() ? ["vulkan-1.dll"]
            : OperatingSystem.IsMacOS() ? ["libvulkan.1.dylib", "/opt/homebrew/lib/libvulkan.1.dylib", "/usr/local/lib/libvulkan.1.dylib", "libMoltenVK.dylib"]
            : ["libvulkan.so.1"];
        foreach (string name in names)
        {
            if (NativeLibrary.TryLoad(name, out nint library) && NativeLibrary.TryGetExport(library, "vkGetInstanceProcAddr", out nint pointer))
            {
                _getInstanceProcAddr = (delegate* unmanaged<nint, byte*, nint>)pointer;
                return;
            }
        }
        throw new NoVulkanLoaderException("the Vulkan loader is not installed; titok doctor says how to mend that");
    }

    /// <summary>Takes another's vkGetInstanceProcAddr.</summary>
    public VulkanLoader(nint getInstanceProcAddr) => _getInstanceProcAddr = (delegate* unmanaged<nint, byte*, nint>)getInstanceProcAddr;

    private VulkanLoader(VulkanLoader loader, nint instance, nint device)
    {
        _getInstanceProcAddr = loader._getInstanceProcAddr;
        (_instance, _device) = (instance, device);
        if (device != 0)
            _getDeviceProcAddr = (delegate* unmanaged<nint, byte*, nint>)GetProcAddress("vkGetDeviceProcAddr");
    }

    /// <summary>vkGetInstanceProcAddr.</summary>
    public nint GetInstanceProcAddr => (nint)_getInstanceProcAddr;

    /// <summary>The functions of an instance.</summary>
    public VulkanLoader Of(nint instance) => new(this, instance, 0);

    /// <summary>The functions of a device.</summary>
    public VulkanLoader Of(nint instance, nint device) => new(this, instance, device);

    public nint GetProcAddress(string proc, int? slot = default) =>
        TryGetProcAddress(proc, out nint address, slot) ? address : throw new DemoException($"the Vulkan driver has no function {proc}");

    public bool TryGetProcAddress(string proc, out nint addr, int? slot = default)
    {
        fixed (byte* name = Encoding.UTF8.GetBytes(proc + '\0'))
        {
            addr = _getDeviceProcAddr != null && !proc.StartsWith("vkGetPhysicalDevice", StringComparison.Ordinal) ? _getDeviceProcAddr(_device, name) : 0;
            if (addr == 0)
                addr = _getInstanceProcAddr(_instance, name);
        }
        return addr != 0;
    }

    public void Dispose()
    {
    }
}
