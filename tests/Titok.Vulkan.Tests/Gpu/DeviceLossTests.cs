using Titok.Vulkan.Gpu;

namespace Titok.Vulkan.Tests.Gpu;

[Collection(GpuCollection.Name)]
public class DeviceLossTests
{
    [Fact]
    public void ALostDeviceRefusesEverythingAndDisposesQuietly()
    {
        using GpuInstance instance = GpuFixture.NewInstance();
        GpuDevice device = GpuFixture.NewDevice(instance);
        GpuBuffer x = device.CreateBuffer(4096, GpuMemoryKind.Device, "x");
        GpuRecording recording = device.RecordScaleAdd(x.Whole, x.Whole, factor: 1, 1024, addend: 1);
        GpuRecording open = device.CreateRecording("open");
        open.Begin();
        ulong value = device.Submit(recording);
        device.SimulateLoss();
        Assert.True(device.IsLost);
        Assert.Throws<DeviceLostException>(() => device.Submit(recording));
        Assert.Throws<DeviceLostException>(() => device.Finish(value));
        Assert.Throws<DeviceLostException>(() => device.IsComplete(value));
        Assert.Throws<DeviceLostException>(() => device.CreateBuffer(16, GpuMemoryKind.Device, "y"));
        Assert.Throws<DeviceLostException>(() => device.CreateRecording("y"));
        Assert.Throws<DeviceLostException>(() => device.GetProgram("test_scale_add", [1], 2, 8));
        Assert.Throws<DeviceLostException>(() => device.Upload(x, 0, [1]));
        Assert.Throws<DeviceLostException>(() => device.Download(x, 0, new byte[4]));
        Assert.Throws<DeviceLostException>(() => open.Fill(x.Whole, 0));
        Assert.Throws<DeviceLostException>(open.End);
        Assert.Throws<DeviceLostException>(recording.Begin);
        Assert.Throws<DeviceLostException>(recording.ReadTimestamps);
        recording.Dispose();
        x.Dispose();
        device.Dispose();
        device.Dispose();
        open.Dispose();
        GpuFixture.AssertNoMessages(instance);
    }

    [Fact]
    public void ADriversLossSticks()
    {
        using GpuInstance instance = GpuFixture.NewInstance();
        using GpuDevice device = GpuFixture.NewDevice(instance);
        Assert.Throws<DeviceLostException>(() => device.Check(Silk.NET.Vulkan.Result.ErrorDeviceLost, "vkQueueSubmit"));
        Assert.True(device.IsLost);
        Assert.Throws<DeviceLostException>(() => device.CreateRecording("after"));
    }

    [Fact]
    public void ALossEndsAWaitOnAnotherThread()
    {
        using GpuInstance instance = GpuFixture.NewInstance();
        using GpuDevice device = GpuFixture.NewDevice(instance);
        using GpuBuffer x = device.CreateBuffer(4096, GpuMemoryKind.Device, "x");
        using GpuRecording recording = device.RecordScaleAdd(x.Whole, x.Whole, factor: 1, 1024, addend: 1);
        using var gate = new Gate(device);
        ulong value = device.Submit([recording], [gate.Opened], []);
        using var timer = new Timer(_ => device.SimulateLoss(), null, 30, Timeout.Infinite);
        Assert.Throws<DeviceLostException>(() => device.Finish(value));
    }
}
