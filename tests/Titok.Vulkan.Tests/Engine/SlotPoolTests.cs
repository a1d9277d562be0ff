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

    /// <summary>Others may be made meanwhile, and slots of the same kind that are idle are rented before them.</summary>
    [Fact]
    public void ASlotBehindPendingSlicesIsRentedOnceTheyAreExecuted()
    {
        _room = 3;
        GpuDevice device = fixture.Device;
        using var pool = new SlotPool<int, Slot>(device.Disposals, "the pool");
        using var gate = new Gate(device);
        Slot pending = pool.Rent(1, this, Make), idle = pool.Rent(1, this, Make);
        var slices = new SliceTracker(device);
        slices.Add(new SliceTracker.Slice(default, default, device.Submit([], [gate.Opened], []), IsTimed: false));
        pool.Return(1, pending, slices);
        pool.Return(1, idle);
        Assert.Same(idle, pool.Rent(1, this, Make));
        Slot made = pool.Rent(1, this, Make);
        Assert.NotSame(pending, made);
        Assert.False(pool.FreeIdle());
        gate.Open();
        device.Finish(slices.LastSubmission);
        Assert.Same(pending, pool.Rent(1, this, Make));
        Assert.True(slices.IsIdle);
        fixture.AssertNoMessages();
    }

    /// <summary>The same of slices in a host's command buffers, of which only their timestamps tell.</summary>
    [Fact]
    public void ASlotBehindAHostsSlicesIsRentedOnceTheyAreExecuted()
    {
        GpuDevice device = fixture.Device;
        Assert.SkipWhen(device.Physical.TimestampBits == 0, "Without timestamps only the host knows what is executed.");
        using var pool = new SlotPool<int, Slot>(device.Disposals, "the pool");
        using GpuRecording hosts = device.CreateRecording("a host's");
        Slot pending = pool.Rent(1, this, Make);
        long alive = device.LiveObjects.Count;
        var slices = new SliceTracker(device);
        slices.PrepareTimes();
        hosts.Begin();
        Assert.True(slices.Begin(hosts.Commands));
        slices.End(hosts.Commands);
        slices.Add(new SliceTracker.Slice(default, default, Submission: 0, IsTimed: true));
        hosts.End();
        pool.Return(1, pending, slices);
        Assert.NotSame(pending, pool.Rent(1, this, Make));
        device.Finish(device.Submit(hosts));
        Assert.Same(pending, pool.Rent(1, this, Make));
        // What has timed them goes with them.
        device.Disposals.Drain();
        Assert.Equal(alive, device.LiveObjects.Count);
        fixture.AssertNoMessages();
    }

    /// <summary>What came back last is not given up in place of older memory that is still in use.</summary>
    [Fact]
    public void AnIdleSlotBehindManyPendingOnesStays()
    {
        _room = 9;
        GpuDevice device = fixture.Device;
        using var pool = new SlotPool<int, Slot>(device.Disposals, "the pool");
        Slot[] slots = [.. Enumerable.Range(0, _room).Select(key => pool.Rent(key, this, Make))];
        for (int key = 0; key < 8; key++)
            pool.Return(key, slots[key], InAHostsCommandBuffer(device));
        pool.Return(8, slots[8]);
        Assert.Same(slots[8], pool.Rent(8, this, Make));
    }

    /// <summary>Who disposes of a model has had its slices executed, so that the other part of it need not keep their memory back.</summary>
    [Fact]
    public void SlicesOfAPoolThatIsGoneAreGivenUp()
    {
        GpuDevice device = fixture.Device;
        using var other = new SlotPool<int, Slot>(device.Disposals, "the other part's");
        var pool = new SlotPool<int, Slot>(device.Disposals, "the pool");
        Slot before = pool.Rent(1, this, Make), after = pool.Rent(2, this, Make);
        _room = 2;
        Slot shared = other.Rent(1, this, Make), late = other.Rent(2, this, Make);
        SliceTracker slices = InAHostsCommandBuffer(device), lateSlices = InAHostsCommandBuffer(device);
        other.Return(1, shared, slices);
        other.Return(2, late, lateSlices);
        pool.Return(1, before, slices);
        Assert.False(other.FreeIdle());
        pool.Dispose();
        Assert.Same(shared, other.Rent(1, this, Make));
        Assert.False(other.FreeIdle());
        pool.Return(2, after, lateSlices);
        Assert.Same(late, other.Rent(2, this, Make));
    }

    [Fact]
    public void ASlotThatIsMadeForAPoolThatIsGoneGoesToo()
    {
        var pool = new SlotPool<int, Slot>(fixture.Device.Disposals, "the pool");
        ObjectDisposedException error = Assert.Throws<ObjectDisposedException>(() => pool.Rent(1, this, (key, test) =>
        {
            pool.Dispose();
            return Make(key, test);
        }));
        Assert.Equal("the pool", error.ObjectName);
        Assert.Equal(2, _room);
    }

    /// <summary>The device being past a host's slices does not make their command buffers whole: a later submission of the library's does.</summary>
    [Fact]
    public void WhatAHostMayHaveUsedGoesBehindTheNextSubmission()
    {
        using GpuInstance instance = GpuFixture.NewInstance();
        using GpuDevice device = GpuFixture.NewDevice(instance);
        using var pool = new SlotPool<int, Slot>(device.Disposals, "the pool");
        device.Disposals.NoteHostUse();
        Slot slot = pool.Rent(1, this, Make);
        pool.Return(1, slot);
        Assert.True(pool.FreeIdle());
        device.Disposals.Drain();
        Assert.False(slot.IsDisposed);
        device.Finish(device.Submit([]));
        device.Disposals.Drain();
        Assert.True(slot.IsDisposed);
    }

    /// <summary>A slice that nothing tells of.</summary>
    private static SliceTracker InAHostsCommandBuffer(GpuDevice device)
    {
        var slices = new SliceTracker(device);
        slices.Add(new SliceTracker.Slice(default, default, Submission: 0, IsTimed: false));
        return slices;
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
