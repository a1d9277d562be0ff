using Titok.Vulkan.Gpu;

namespace Titok.Vulkan.Tests.Gpu;

[Collection(GpuCollection.Name)]
public class LifetimeTests
{
    [Fact]
    public void DisposingTheDeviceFreesWhatWasLeft()
    {
        using GpuInstance instance = GpuFixture.NewInstance();
        GpuDevice device = GpuFixture.NewDevice(instance);
        GpuBuffer x = device.CreateBuffer(4096, GpuMemoryKind.Device, "x");
        GpuRecording recording = device.RecordScaleAdd(x.Whole, x.Whole, factor: 1, 1024, addend: 1);
        device.Upload(x, 0, new byte[4096]);
        device.Submit(recording);
        device.Dispose();
        Assert.Equal(1, instance.LiveObjects.Count);
        Assert.True(x.IsDisposed);
        Assert.True(recording.IsDisposed);
        recording.Dispose();
        x.Dispose();
        Assert.Throws<ObjectDisposedException>(() => device.Submit(recording));
        Assert.Throws<ObjectDisposedException>(() => device.CreateBuffer(4, GpuMemoryKind.Device, "y"));
        GpuFixture.AssertNoMessages(instance);
        instance.Dispose();
        Assert.Equal(0, instance.LiveObjects.Count);
        instance.Dispose();
    }

    [Fact]
    public void ManyDevicesLeaveNothingBehind()
    {
        // Without the layers: their own bookkeeping grows, and it is ours that is looked at.
        GpuInstance instance = GpuFixture.NewInstance();
        instance.Dispose();
        instance = GpuInstance.Create();
        GpuPhysicalDevice physical = DeviceSelection.Choose(instance.PhysicalDevices, Environment.GetEnvironmentVariable("TITOK_DEVICE"));
        int cycles = physical.Type == TitokDeviceType.Cpu ? 1000 : 100;
        long start = 0;
        for (int i = 0; i < cycles; i++)
        {
            if (i == cycles / 10)
                start = ResidentMemory.Measure();
            UseOnce(instance, physical);
            Assert.Equal(1, instance.LiveObjects.Count);
        }
        long grown = ResidentMemory.Measure() - start;
        instance.Dispose();
        Assert.Equal(0, instance.LiveObjects.Count);
        TestContext.Current.TestOutputHelper?.WriteLine($"{cycles} cycles, resident memory grew by {grown / 1024} KiB after the first tenth");
        // 900 cycles that kept one 64 KiB buffer each would be 56 MiB; the driver's and runtime's own noise is below this.
        Assert.InRange(grown, long.MinValue, 16 << 20);
    }

    [Fact]
    public void AHundredInstancesLeaveNothingBehind()
    {
        for (int i = 0; i < 100; i++)
        {
            using GpuInstance instance = GpuFixture.NewInstance();
            Assert.Equal(1, instance.LiveObjects.Count);
        }
    }

    private static void UseOnce(GpuInstance instance, GpuPhysicalDevice physical)
    {
        using GpuDevice device = DeviceOpening.Open(instance, physical, new GpuDeviceOptions { CacheFolder = "", ShaderSource = GpuFixture.TestShader });
        using GpuBuffer x = device.CreateBuffer(64 << 10, GpuMemoryKind.Device, "x");
        device.Upload<uint>(x, new uint[16 << 10]);
        using GpuRecording recording = device.RecordScaleAdd(x.Whole, x.Whole, factor: 1, 16 << 10, addend: 1);
        device.Submit(recording);
    }
}
