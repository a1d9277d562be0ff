using Titok.Vulkan.Engine;

namespace Titok.Vulkan.Tests.Engine;

/// <summary>Memory that is kept for the next request, and given up for one that would not fit otherwise.</summary>
public class SlotPoolTests
{
    private int _room = 2;

    [Fact]
    public void ASlotThatCameBackIsRentedAgain()
    {
        using var pool = new SlotPool<int, Slot>();
        Slot first = pool.Rent(1, this, Make);
        Assert.NotSame(first, pool.Rent(1, this, Make));
        pool.Return(1, first);
        Assert.Same(first, pool.Rent(1, this, Make));
    }

    [Fact]
    public void WhereMemoryIsShortWhatNobodyUsesGoes()
    {
        using var pool = new SlotPool<int, Slot>();
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
        using var pool = new SlotPool<int, Slot>();
        Slot[] slots = [.. Enumerable.Range(0, 12).Select(key => pool.Rent(key, this, Make))];
        for (int key = 0; key < slots.Length; key++)
            pool.Return(key, slots[key]);
        Assert.Equal(4, slots.TakeWhile(slot => slot.IsDisposed).Count());
        Assert.DoesNotContain(slots[4..], slot => slot.IsDisposed);
        Assert.Same(slots[11], pool.Rent(11, this, Make));
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
