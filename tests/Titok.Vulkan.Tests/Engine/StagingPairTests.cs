using Titok.Vulkan.Engine;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Tests.Gpu;

namespace Titok.Vulkan.Tests.Engine;

/// <summary>Upload buffers that are filled again only once the device has read them.</summary>
[Collection(GpuCollection.Name)]
public class StagingPairTests(GpuFixture fixture)
{
    [Fact]
    public async Task ABufferIsGivenOutAgainOnceItIsRead()
    {
        GpuDevice device = fixture.Device;
        using var gate = new Gate(device);
        using var stagings = new StagingPair(device, 1024);
        (GpuBuffer first, long start) = stagings.Reserve(500);
        Assert.Equal(0, start);
        Assert.Equal((first, 512), stagings.Reserve(512));
        // What is submitted from here on is not executed before the gate is open.
        device.Submit([], [gate.Opened], []);
        (GpuBuffer second, start) = stagings.Reserve(1024);
        Assert.NotSame(first, second);
        Assert.Equal(0, start);

        Task<(GpuBuffer Buffer, long OffsetInBytes)> again = Task.Run(() => stagings.Reserve(1));
        Assert.NotSame(again, await Task.WhenAny(again, Task.Delay(50, TestContext.Current.CancellationToken)));
        gate.Open();
        Assert.Equal((first, 0), await again);
        stagings.Flush();
        fixture.AssertNoMessages();
    }

    /// <summary>Of both buffers.</summary>
    [Fact]
    public async Task FlushingWaitsForAll()
    {
        GpuDevice device = fixture.Device;
        using var stagings = new StagingPair(device, 256);
        stagings.Reserve(256);
        stagings.Reserve(256);
        using var gate = new Gate(device);
        device.Submit([], [gate.Opened], []);
        var flushing = Task.Run(stagings.Flush, TestContext.Current.CancellationToken);
        Assert.NotSame(flushing, await Task.WhenAny(flushing, Task.Delay(50, TestContext.Current.CancellationToken)));
        gate.Open();
        await flushing;
        Assert.True(device.IsComplete(device.Timeline.LastSubmitted));
        fixture.AssertNoMessages();
    }

    [Fact]
    public void WhereThereIsNoRoomForBothNothingStays()
    {
        using GpuInstance instance = GpuFixture.NewInstance();
        using GpuDevice device = GpuFixture.NewDevice(instance, new GpuDeviceOptions { MemoryLimitInBytes = 40 << 20, CacheFolder = "" });
        long alive = device.LiveObjects.Count;
        Assert.Throws<OutOfDeviceMemoryException>(() => new StagingPair(device, 30 << 20));
        Assert.Equal(alive, device.LiveObjects.Count);
        Assert.Equal(0, device.Memory.BufferCount);
    }
}
