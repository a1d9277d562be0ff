using Silk.NET.Vulkan;
using Titok.Vulkan.Gpu;

namespace Titok.Vulkan.Tests.Gpu;

/// <summary>A timeline semaphore that holds a queue up until it is opened: what waits for it cannot be done by then, however fast the device is.</summary>
internal sealed unsafe class Gate : IDisposable
{
    private readonly Vk _vk;
    private readonly Device _device;
    private readonly Silk.NET.Vulkan.Semaphore _semaphore;
    private bool _isOpen;

    public Gate(GpuDevice device)
        : this(device.Vk, device.Handle)
    {
    }

    public Gate(Vk vk, Device device)
    {
        (_vk, _device) = (vk, device);
        var type = new SemaphoreTypeCreateInfo { SType = StructureType.SemaphoreTypeCreateInfo, SemaphoreType = SemaphoreType.Timeline };
        var info = new SemaphoreCreateInfo { SType = StructureType.SemaphoreCreateInfo, PNext = &type };
        Silk.NET.Vulkan.Semaphore semaphore;
        Assert.Equal(Result.Success, vk.CreateSemaphore(device, &info, null, &semaphore));
        _semaphore = semaphore;
    }

    /// <summary>What to wait for.</summary>
    public TitokSemaphore Opened => new(_semaphore.Handle, 1);

    public void Open()
    {
        if (_isOpen)
            return;
        _isOpen = true;
        var info = new SemaphoreSignalInfo { SType = StructureType.SemaphoreSignalInfo, Semaphore = _semaphore, Value = 1 };
        Assert.Equal(Result.Success, _vk.SignalSemaphore(_device, &info));
    }

    /// <summary>Also after a test that failed nothing waits for ever.</summary>
    public void Dispose()
    {
        Open();
        Assert.Equal(Result.Success, _vk.DeviceWaitIdle(_device));
        _vk.DestroySemaphore(_device, _semaphore, null);
    }
}
