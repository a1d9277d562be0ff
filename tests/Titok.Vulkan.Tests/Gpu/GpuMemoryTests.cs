using Titok.Vulkan.Gpu;

namespace Titok.Vulkan.Tests.Gpu;

[Collection(GpuCollection.Name)]
public class GpuMemoryTests(GpuFixture fixture)
{
    [Fact]
    public void ABufferPastTheDevicesLimitIsATypedError()
    {
        GpuDevice device = fixture.Device;
        long most = device.Physical.Limits.MaxMemoryAllocationSizeInBytes;
        if (most == long.MaxValue)
            Assert.Skip($"{device.Physical.Name} names no largest allocation");
        OutOfDeviceMemoryException error = Assert.Throws<OutOfDeviceMemoryException>(() => device.CreateBuffer(most + 1, GpuMemoryKind.Device, "enormous"));
        Assert.Equal(most + 1, error.NeededInBytes);
        Assert.Equal(most, error.BudgetInBytes);
        Assert.Contains("enormous", error.Message, StringComparison.Ordinal);
        Assert.Throws<OutOfDeviceMemoryException>(() => device.CreateBuffer(long.MaxValue, GpuMemoryKind.Device, "more enormous"));
        Assert.Throws<ArgumentOutOfRangeException>(() => device.CreateBuffer(0, GpuMemoryKind.Device, "none"));
        Assert.Throws<ArgumentOutOfRangeException>(() => device.CreateBuffer(-1, GpuMemoryKind.Device, "negative"));
        fixture.AssertNoMessages();
    }

    [Fact]
    public void TheLimitIsKeptAndTheErrorSaysWhatWasLeft()
    {
        using GpuInstance instance = GpuFixture.NewInstance();
        using (GpuDevice device = GpuFixture.NewDevice(instance, new GpuDeviceOptions { MemoryLimitInBytes = 40 << 20, CacheFolder = "" }))
        {
            using GpuBuffer large = device.CreateBuffer(30 << 20, GpuMemoryKind.Device, "large");
            OutOfDeviceMemoryException error = Assert.Throws<OutOfDeviceMemoryException>(() => device.CreateBuffer(20 << 20, GpuMemoryKind.Device, "too much"));
            Assert.Equal(20 << 20, error.NeededInBytes);
            Assert.Equal(10 << 20, error.BudgetInBytes);
            // Still of use afterwards.
            using GpuBuffer small = device.CreateBuffer(1 << 20, GpuMemoryKind.Device, "small");
            device.Upload(small, 0, new byte[1 << 20]);
            Assert.InRange(device.Memory.AllocatedInBytes, 31 << 20, 40 << 20);
        }
        GpuFixture.AssertNoMessages(instance);
    }

    [Fact]
    public void ManyBuffersShareBlocksAndDontShareBytes()
    {
        using GpuInstance instance = GpuFixture.NewInstance();
        using (GpuDevice device = GpuFixture.NewDevice(instance))
        {
            var random = new Random(5);
            var live = new List<(GpuBuffer Buffer, byte Mark)>();
            for (int i = 0; i < 600; i++)
            {
                if (live.Count > 40 || (live.Count > 0 && random.Next(3) == 0))
                {
                    int victim = random.Next(live.Count);
                    Check(device, live[victim]);
                    live[victim].Buffer.Dispose();
                    live.RemoveAt(victim);
                    continue;
                }
                GpuBuffer buffer = device.CreateBuffer(random.Next(1, random.Next(20) == 0 ? 20 << 20 : 100_000), GpuMemoryKind.Device, $"buffer {i}");
                var bytes = new byte[buffer.SizeInBytes];
                Array.Fill(bytes, (byte)i);
                device.Upload(buffer, 0, bytes);
                live.Add((buffer, (byte)i));
            }
            Assert.InRange(device.Memory.AllocationCount, 1, 20);
            Assert.True(device.Memory.BufferCount >= live.Count);
            foreach ((GpuBuffer Buffer, byte Mark) entry in live)
            {
                Check(device, entry);
                entry.Buffer.Dispose();
            }
            Assert.All(device.Memory.Heaps, heap => Assert.InRange(heap.BudgetInBytes, 1, long.MaxValue));
        }
        GpuFixture.AssertNoMessages(instance);
    }

    [Fact]
    public void ABlockGivesBackWholeRanges()
    {
        var block = new GpuMemoryBlock(default, 0, 1000, false);
        Assert.True(block.TryTake(100, 64, out long a));
        Assert.True(block.TryTake(100, 64, out long b));
        Assert.True(block.TryTake(100, 64, out long c));
        Assert.Equal((0, 128, 256), (a, b, c));
        Assert.False(block.TryTake(800, 64, out _));
        block.GiveBack(b, 100);
        Assert.True(block.TryTake(110, 1, out long inGap));
        Assert.Equal(100, inGap);
        block.GiveBack(a, 100);
        block.GiveBack(inGap, 110);
        Assert.False(block.IsEmpty);
        block.GiveBack(c, 100);
        Assert.True(block.IsEmpty);
        Assert.True(block.TryTake(1000, 256, out _));
    }

    private static void Check(GpuDevice device, (GpuBuffer Buffer, byte Mark) entry)
    {
        var bytes = new byte[entry.Buffer.SizeInBytes];
        device.Download(entry.Buffer, 0, bytes);
        Assert.Equal(-1, bytes.AsSpan().IndexOfAnyExcept(entry.Mark));
    }
}
