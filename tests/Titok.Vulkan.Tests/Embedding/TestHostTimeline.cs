using Silk.NET.Vulkan;

namespace Titok.Vulkan.Tests.Embedding;

/// <summary>A timeline semaphore of a host's, at 0 to begin with.</summary>
internal sealed unsafe class TestHostTimeline : IDisposable
{
    private readonly TestHost _host;
    private readonly Silk.NET.Vulkan.Semaphore _semaphore;

    public TestHostTimeline(TestHost host)
    {
        _host = host;
        var type = new SemaphoreTypeCreateInfo { SType = StructureType.SemaphoreTypeCreateInfo, SemaphoreType = SemaphoreType.Timeline };
        var info = new SemaphoreCreateInfo { SType = StructureType.SemaphoreCreateInfo, PNext = &type };
        Silk.NET.Vulkan.Semaphore semaphore;
        TestHost.Check(host.Vk.CreateSemaphore(host.Device, &info, null, &semaphore));
        _semaphore = semaphore;
    }

    /// <summary>To wait for this value, or to signal it.</summary>
    public TitokSemaphore At(ulong value) => new(_semaphore.Handle, value);

    public void Signal(ulong value)
    {
        var signal = new SemaphoreSignalInfo { SType = StructureType.SemaphoreSignalInfo, Semaphore = _semaphore, Value = value };
        TestHost.Check(_host.Vk.SignalSemaphore(_host.Device, &signal));
    }

    /// <summary>For a minute at the most.</summary>
    public void Wait(ulong value)
    {
        Silk.NET.Vulkan.Semaphore semaphore = _semaphore;
        var wait = new SemaphoreWaitInfo { SType = StructureType.SemaphoreWaitInfo, SemaphoreCount = 1, PSemaphores = &semaphore, PValues = &value };
        TestHost.Check(_host.Vk.WaitSemaphores(_host.Device, &wait, 60_000_000_000));
    }

    public void Dispose() => _host.Vk.DestroySemaphore(_host.Device, _semaphore, null);
}
