using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>One VkDeviceMemory, or a host's piece of one, and which parts of it are free.</summary>
internal sealed unsafe class GpuMemoryBlock(GpuSourcedMemory memory, int typeIndex, long sizeInBytes, bool isDedicated)
{
    // Sorted by offset, never adjacent to each other.
    private readonly List<(long Offset, long Size)> _free = [(0, sizeInBytes)];

    public DeviceMemory Handle => new(memory.Memory);

    /// <summary>Where the block begins in its memory; offsets in the block count from there.</summary>
    public long StartInBytes => memory.OffsetInBytes;

    public GpuSourcedMemory Memory => memory;

    public int TypeIndex => typeIndex;

    public long SizeInBytes => sizeInBytes;

    public bool IsDedicated => isDedicated;

    public byte* Mapped => (byte*)memory.Mapped;

    public bool IsEmpty => _free.Count == 1 && _free[0].Size == sizeInBytes;

    /// <summary>Takes the first free place that fits.</summary>
    public bool TryTake(long size, long alignment, out long offset)
    {
        for (int i = 0; i < _free.Count; i++)
        {
            (long start, long room) = _free[i];
            offset = RoundUp.ToMultiple(start, alignment);
            long gap = offset - start;
            if (gap + size > room)
                continue;
            long after = room - gap - size;
            _free.RemoveAt(i);
            if (after > 0)
                _free.Insert(i, (offset + size, after));
            if (gap > 0)
                _free.Insert(i, (start, gap));
            return true;
        }
        offset = 0;
        return false;
    }

    public void GiveBack(long offset, long size)
    {
        int i = _free.FindIndex(range => range.Offset > offset);
        if (i < 0)
            i = _free.Count;
        if (i < _free.Count && offset + size == _free[i].Offset)
        {
            size += _free[i].Size;
            _free.RemoveAt(i);
        }
        if (i > 0 && _free[i - 1].Offset + _free[i - 1].Size == offset)
        {
            _free[i - 1] = (_free[i - 1].Offset, _free[i - 1].Size + size);
            return;
        }
        _free.Insert(i, (offset, size));
    }
}

/// <summary>A piece of a block.</summary>
internal readonly record struct GpuAllocation(GpuMemoryBlock Block, long OffsetInBytes, long SizeInBytes);
