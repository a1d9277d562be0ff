using System.Runtime.InteropServices;
using System.Text;
using Silk.NET.Core.Contexts;

namespace Titok.Vulkan.Gpu;

/// <summary>Resolves Vulkan functions from a vkGetInstanceProcAddr, which may be the loader's or a host's.</summary>
/// <remarks>
/// Silk's own context is not used: it probes for libraries by rules that differ with how the program was published,
/// and shares one "current device" between all users of the process. This one is bound to one instance and device.
/// </remarks>
internal sealed unsafe class VulkanFunctions : INativeContext
{
    private readonly delegate* unmanaged<nint, byte*, nint> _getInstanceProcAddr;
    private readonly nint _instance;
    private readonly nint _device;
    private readonly delegate* unmanaged<nint, byte*, nint> _getDeviceProcAddr;

    public VulkanFunctions(nint getInstanceProcAddr, nint instance = 0, nint device = 0)
    {
        _getInstanceProcAddr = (delegate* unmanaged<nint, byte*, nint>)getInstanceProcAddr;
        _instance = instance;
        _device = device;
        if (device != 0)
            _getDeviceProcAddr = (delegate* unmanaged<nint, byte*, nint>)FromInstance("vkGetDeviceProcAddr");
    }

    public nint GetInstanceProcAddrPointer => (nint)_getInstanceProcAddr;

    /// <summary>The loader's vkGetInstanceProcAddr.</summary>
    /// <exception cref="NoVulkanLoaderException">None of the libraries is there.</exception>
    public static nint LoadGetInstanceProcAddr(IReadOnlyList<string>? libraryNames = null)
    {
        foreach (string name in libraryNames ?? DefaultLibraryNames())
        {
            // The library stays loaded for the life of the process: drivers keep threads and exit handlers of their own.
            if (NativeLibrary.TryLoad(name, out nint library)
                && NativeLibrary.TryGetExport(library, "vkGetInstanceProcAddr", out nint pointer))
                return pointer;
        }
        throw new NoVulkanLoaderException(OperatingSystem.IsMacOS()
            ? "The Vulkan loader is not installed; install MoltenVK: brew install molten-vk vulkan-loader"
            : OperatingSystem.IsWindows()
                ? "The Vulkan loader (vulkan-1.dll) is not installed; install your GPU vendor's driver"
                : "The Vulkan loader (libvulkan.so.1) is not installed; on Debian: apt-get install libvulkan1 mesa-vulkan-drivers");
    }

    public nint GetProcAddress(string proc, int? slot = default) =>
        TryGetProcAddress(proc, out nint address, slot)
            ? address
            : throw new MissingFeatureException(proc, $"The Vulkan driver has no function {proc}.");

    public bool TryGetProcAddress(string proc, out nint addr, int? slot = default)
    {
        addr = 0;
        // Device functions taken from the device skip the loader's dispatch on every call. What is asked of a physical
        // device is the instance's, and the validation layers complain when a device is asked for it.
        if (_getDeviceProcAddr != null && !proc.StartsWith("vkGetPhysicalDevice", StringComparison.Ordinal))
        {
            fixed (byte* name = NullTerminated(proc))
                addr = _getDeviceProcAddr(_device, name);
        }
        if (addr == 0)
            addr = FromInstance(proc);
        return addr != 0;
    }

    public void Dispose()
    {
    }

    private nint FromInstance(string proc)
    {
        fixed (byte* name = NullTerminated(proc))
            return _getInstanceProcAddr(_instance, name);
    }

    private static byte[] NullTerminated(string text) => Encoding.UTF8.GetBytes(text + '\0');

    private static string[] DefaultLibraryNames()
    {
        if (OperatingSystem.IsWindows())
            return ["vulkan-1.dll"];
        if (OperatingSystem.IsMacOS())
            return ["libvulkan.1.dylib", "libvulkan.dylib", "/opt/homebrew/lib/libvulkan.1.dylib", "/usr/local/lib/libvulkan.1.dylib", "libMoltenVK.dylib", "/opt/homebrew/lib/libMoltenVK.dylib"];
        return ["libvulkan.so.1", "libvulkan.so"];
    }
}
