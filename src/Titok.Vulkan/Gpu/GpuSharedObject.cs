using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>Something that other devices and interfaces can import by a handle of its type.</summary>
internal abstract unsafe class GpuSharedObject(GpuDevice device, TitokHandleType handleType) : IDisposable
{
    private int _disposed;

    protected GpuDevice Device => device;

    protected TitokHandleType HandleType => handleType;

    /// <summary>What is exported, as it stands in the names of Vulkan's functions: vkGet…FdKHR, vkGet…Win32HandleKHR.</summary>
    protected abstract string Exported { get; }

    /// <summary>A new handle; the caller's to import, which takes it, or to close.</summary>
    public nint Export()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        device.ThrowIfUnusable();
        if (handleType == TitokHandleType.OpaqueWin32)
        {
            nint handle;
            string getHandle = $"vkGet{Exported}Win32HandleKHR";
            device.Check(GetWin32Handle(device.Functions.GetProcAddress(getHandle), &handle), getHandle);
            return handle;
        }
        int descriptor;
        string getDescriptor = $"vkGet{Exported}FdKHR";
        device.Check(GetDescriptor(device.Functions.GetProcAddress(getDescriptor), &descriptor), getDescriptor);
        return descriptor;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        device.Forget(this);
        device.Disposals.Add(Destroy);
    }

    /// <summary>The typed error for what the device can't share so.</summary>
    protected static MissingFeatureException Refusal(GpuDevice device, string things, TitokHandleType handleType, string missing) =>
        new(missing, $"{device.Physical.Name} can't share {things} as {GpuSharedHandle.Name(handleType)}s: it lacks {missing}, or the host has not enabled it.");

    protected abstract Result GetDescriptor(nint function, int* descriptor);

    protected abstract Result GetWin32Handle(nint function, nint* handle);

    /// <summary>Destroys what was created; nothing pending uses it.</summary>
    protected abstract void Destroy();
}
