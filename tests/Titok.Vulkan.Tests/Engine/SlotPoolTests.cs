using Titok.Vulkan.Engine;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Tests.Gpu;

namespace Titok.Vulkan.Tests.Engine;

/// <summary>Memory that is kept for the next request, and given up for one that would not fit otherwise.</summary>
[Collection(GpuCollection.Name)]
public class SlotPoolTests(GpuFixture fixture)
{
    private int _room = 2;

    [Fact]
    public void ASlotThatCameBackIsRentedAgain()
    {
        using var pool = new SlotPool<int, Slot>(fixture.Device.Disposals, "the pool");
        Slot first = pool.Rent(1, this, Make);
        Assert.NotSame(first, pool.Rent(1, this, Make));
        pool.Return(1, first);
        Assert.Same(first, pool.Rent(1, this, Make));
    }

    [Fact]
    public void WhereMemoryIsShortWhatNobodyUsesGoes()
    {
        using var pool = new SlotPool<int, Slot>(fixture.Device.Disposals, "the pool");
        Slot idle = pool.Rent(1, this, Make), used = pool.Rent(2, this, Make);
        Assert.Throws<OutOfDeviceMemoryException>(() => pool.Rent(3, this, Make));
        pool.Return(1, idle);
        Slot made = pool.Rent(3, this, Make);
        Assert.True(idle.IsDisposed && !used.IsDisposed && !made.IsDisposed);
        Assert.Equal(0, _room);
        Assert.False(pool.FreeIdle());
    }

    [Fact]
    public void OfEverOtherRequestsTheOldestMemoryGoes()
    {
        _room = 20;
        using var pool = new SlotPool<int, Slot>(fixture.Device.Disposals, "the pool");
        Slot[] slots = [.. Enumerable.Range(0, 12).Select(key => pool.Rent(key, this, Make))];
        for (int key = 0; key < slots.Length; key++)
            pool.Return(key, slots[key]);
        Assert.Equal(4, slots.TakeWhile(slot => slot.IsDisposed).Count());
        Assert.DoesNotContain(slots[4..], slot => slot.IsDisposed);
        Assert.Same(slots[11], pool.Rent(11, this, Make));
        // What went before is not known any more.
        pool.Dispose();
        Assert.Equal(20, _room);
    }

    /// <summary>Nobody can tell any more whether the device is done with them, and giving them back throws nothing.</summary>
    [Fact]
    public void SlotsOfALostDeviceComeBackAndStay()
    {
        _room = 12;
        using GpuInstance instance = GpuFixture.NewInstance();
        using GpuDevice device = GpuFixture.NewDevice(instance);
        using GpuBuffer x = device.CreateBuffer(4096, GpuMemoryKind.Device, "x");
        using GpuRecording recording = device.RecordScaleAdd(x.Whole, x.Whole, factor: 1, 1024, addend: 1);
        using var pool = new SlotPool<int, Slot>(device.Disposals, "the pool");
        Slot[] slots = [.. Enumerable.Range(0, _room).Select(key => pool.Rent(key, this, Make))];
        SliceTracker[] slices = [.. slots.Select(_ => new SliceTracker(device))];
        foreach (SliceTracker one in slices)
            one.Add(new SliceTracker.Slice(default, default, device.Submit(recording), IsTimed: false));
        device.SimulateLoss();
        for (int key = 0; key < slots.Length; key++)
            pool.Return(key, slots[key], slices[key]);
        Assert.DoesNotContain(slots, slot => slot.IsDisposed);
        Assert.False(pool.FreeIdle());
        pool.Dispose();
        Assert.All(slots, slot => Assert.True(slot.IsDisposed));
    }

    private static Slot Make(int key, SlotPoolTests test) =>
        test._room > 0 ? new Slot(test) : throw new OutOfDeviceMemoryException("there is no room", 1, 0);

    private sealed class Slot : IDisposable
    {
        private readonly SlotPoolTests _test;

        public Slot(SlotPoolTests test)
        {
            _test = test;
            _test._room--;
        }

        public bool IsDisposed { get; private set; }

        public void Dispose()
        {
            IsDisposed = true;
            _test._room++;
        }
    }
}
