using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>Hands out device memory: small buffers share blocks, big ones get an allocation of their own.</summary>
internal sealed unsafe class GpuAllocator : IDisposable
{
    private const long LargestBlockInBytes = 64L << 20;
    private const long SmallestBlockInBytes = 4L << 20;

    /// <summary>What a host's pieces of memory are aligned to, which is as much as any buffer needs.</summary>
    private const long PieceAlignmentInBytes = 65536;

    private readonly GpuDevice _device;
    private readonly long? _limitInBytes;
    private readonly IGpuMemorySource _source;
    private readonly PhysicalDeviceMemoryProperties _properties;
    private readonly Lock _lock = new();
    private readonly List<GpuMemoryBlock> _blocks = [];
    private readonly long[] _allocatedInHeap;
    private long _used, _allocated;
    private int _pieces;

    public GpuAllocator(GpuDevice device, long? limitInBytes)
    {
        _device = device;
        _limitInBytes = limitInBytes;
        PhysicalDeviceMemoryProperties properties;
        device.Vk.GetPhysicalDeviceMemoryProperties(device.Physical.Handle, &properties);
        _properties = properties;
        _allocatedInHeap = new long[properties.MemoryHeapCount];
        _source = device.Host?.Memory ?? new DriverMemorySource(device, properties);
    }

    /// <exception cref="OutOfDeviceMemoryException">It does not fit; the error says what was needed and what there was.</exception>
    public GpuAllocation Allocate(in MemoryRequirements requirements, GpuMemoryKind kind, string name)
    {
        long size = (long)requirements.Size;
        long alignment = Math.Max(1, (long)requirements.Alignment);
        long most = _device.Physical.Limits.MaxMemoryAllocationSizeInBytes;
        if (size > most)
            throw new OutOfDeviceMemoryException(
                $"The buffer '{name}' needs {Mebibytes(size)}, and {_device.Physical.Name} allocates at most {Mebibytes(most)} at once.", size, most);
        int type = TypeFor(kind, requirements.MemoryTypeBits);
        try
        {
            return Take(size, alignment, type, name);
        }
        catch (OutOfDeviceMemoryException)
        {
            // What was disposed of may still be there, because the device was not done with it.
            if (!_device.Disposals.Finish())
                throw;
            return Take(size, alignment, type, name);
        }
    }

    public void Free(GpuAllocation allocation)
    {
        lock (_lock)
        {
            GpuMemoryBlock block = allocation.Block;
            block.GiveBack(allocation.OffsetInBytes, allocation.SizeInBytes);
            _used -= allocation.SizeInBytes;
            _pieces--;
            // One empty block a type is kept, so that making and disposing one buffer over and over stays cheap.
            bool another = _blocks.Exists(b => b != block && b.TypeIndex == block.TypeIndex && !b.IsDedicated && b.IsEmpty);
            if (block.IsEmpty && (block.IsDedicated || another))
            {
                _blocks.Remove(block);
                Release(block);
            }
        }
    }

    /// <summary>Bytes that are given out; also when it is disposed.</summary>
    public long UsedInBytes
    {
        get
        {
            lock (_lock)
                return _used;
        }
    }

    public GpuMemoryReport Report()
    {
        lock (_lock)
            return new GpuMemoryReport(_used, _allocated, _blocks.Count, _pieces, Heaps());
    }

    public bool IsMappable(GpuAllocation allocation, bool forReading) =>
        allocation.Block.Mapped != null
        && Flags(allocation.Block.TypeIndex).HasFlag(MemoryPropertyFlags.HostCoherentBit)
        && (!forReading || Flags(allocation.Block.TypeIndex).HasFlag(MemoryPropertyFlags.HostCachedBit));

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (GpuMemoryBlock block in _blocks)
                Release(block);
            _blocks.Clear();
        }
    }

    private GpuAllocation Take(long size, long alignment, int type, string name)
    {
        lock (_lock)
        {
            GpuMemoryBlock block = FindOrMakeBlock(size, alignment, type, name, out long offset);
            _used += size;
            _pieces++;
            return new GpuAllocation(block, offset, size);
        }
    }

    private GpuMemoryBlock FindOrMakeBlock(long size, long alignment, int type, string name, out long offset)
    {
        long blockSize = SmallestBlockInBytes;
        foreach (GpuMemoryBlock block in _blocks)
        {
            if (block.IsDedicated || block.TypeIndex != type)
                continue;
            if (block.TryTake(size, alignment, out offset))
                return block;
            // Blocks grow as there are more of them: a small model should not take 64 MiB.
            blockSize = Math.Min(LargestBlockInBytes, Math.Max(blockSize, block.SizeInBytes * 2));
        }
        GpuMemoryBlock? made = null;
        bool dedicated = size > LargestBlockInBytes / 4;
        if (!dedicated)
        {
            while (blockSize < size)
                blockSize *= 2;
            made = TryMakeBlock(blockSize, type, isDedicated: false, name, mustWork: false);
        }
        made ??= TryMakeBlock(size, type, isDedicated: true, name, mustWork: true)!;
        _blocks.Add(made);
        made.TryTake(size, alignment, out offset);
        return made;
    }

    private GpuMemoryBlock? TryMakeBlock(long size, int type, bool isDedicated, string name, bool mustWork)
    {
        long available = Available(type);
        GpuSourcedMemory memory = default;
        if (size <= available && _blocks.Count < _device.Physical.Limits.MaxMemoryAllocationCount)
            memory = Checked(_source.Allocate(size, (uint)type, _device.Physical.Features.BufferDeviceAddress, name), type);
        if (memory.Memory == 0)
        {
            if (!mustWork)
                return null;
            throw new OutOfDeviceMemoryException(
                $"The buffer '{name}' needs {Mebibytes(size)} of GPU memory, and {Mebibytes(available)} of {_device.Physical.Name} are left.", size, available);
        }
        _device.LiveObjects.Add();
        _device.DebugNames.Name(ObjectType.DeviceMemory, memory.Memory, isDedicated ? name : $"block of {Mebibytes(size)}");
        _allocated += size;
        _allocatedInHeap[HeapOf(type)] += size;
        return new GpuMemoryBlock(memory, type, size, isDedicated);
    }

    /// <summary>What a host's allocator gives is written to: it had better be there.</summary>
    private GpuSourcedMemory Checked(GpuSourcedMemory memory, int type)
    {
        bool isUnmapped = memory.Mapped == 0 && Flags(type).HasFlag(MemoryPropertyFlags.HostVisibleBit);
        bool isMisplaced = memory.OffsetInBytes < 0 || memory.OffsetInBytes % PieceAlignmentInBytes != 0;
        if (memory.Memory == 0 || !isUnmapped && !isMisplaced)
            return memory;
        _source.Free(memory);
        throw new InvalidOperationException(isUnmapped
            ? $"The host's allocator has not mapped what it gave of memory type {type}, which is host-visible."
            : $"The host's allocator gave a piece at byte {memory.OffsetInBytes}, which is no multiple of {PieceAlignmentInBytes}.");
    }

    private void Release(GpuMemoryBlock block)
    {
        _source.Free(block.Memory);
        _device.LiveObjects.Remove();
        _allocated -= block.SizeInBytes;
        _allocatedInHeap[HeapOf(block.TypeIndex)] -= block.SizeInBytes;
    }

    private long Available(int type)
    {
        long available = Heaps()[HeapOf(type)].AvailableInBytes;
        return _limitInBytes is { } limit ? Math.Min(available, Math.Max(0, limit - _allocated)) : available;
    }

    private GpuHeap[] Heaps()
    {
        var budget = new PhysicalDeviceMemoryBudgetPropertiesEXT { SType = StructureType.PhysicalDeviceMemoryBudgetPropertiesExt };
        bool hasBudget = _device.Physical.Features.MemoryBudget;
        if (hasBudget)
        {
            var properties = new PhysicalDeviceMemoryProperties2 { SType = StructureType.PhysicalDeviceMemoryProperties2, PNext = &budget };
            _device.Vk.GetPhysicalDeviceMemoryProperties2(_device.Physical.Handle, &properties);
        }
        var heaps = new GpuHeap[_properties.MemoryHeapCount];
        for (int i = 0; i < heaps.Length; i++)
        {
            MemoryHeap heap = _properties.MemoryHeaps[i];
            // Some drivers offer the extension and leave a heap's budget at zero.
            bool told = hasBudget && budget.HeapBudget[i] > 0;
            // A CPU driver's heap is the machine's memory, whatever it says: lavapipe of Mesa 22 always says 2 GiB.
            long size = (long)heap.Size;
            if (!told && _device.Physical.Type == TitokDeviceType.Cpu)
                size = Math.Max(size, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
            heaps[i] = new GpuHeap(
                size,
                told ? (long)budget.HeapBudget[i] : size,
                told ? (long)budget.HeapUsage[i] : _allocatedInHeap[i]);
        }
        return heaps;
    }

    /// <summary>The memory type that suits buffers of a kind best.</summary>
    public int TypeFor(GpuMemoryKind kind, uint allowed)
    {
        const MemoryPropertyFlags coherent = MemoryPropertyFlags.HostVisibleBit | MemoryPropertyFlags.HostCoherentBit;
        // AMD's two may be used only where a feature of theirs is enabled, and are slower.
        const MemoryPropertyFlags unsuited = MemoryPropertyFlags.ProtectedBit | MemoryPropertyFlags.LazilyAllocatedBit
            | MemoryPropertyFlags.DeviceCoherentBitAmd | MemoryPropertyFlags.DeviceUncachedBitAmd;
        int best = -1, bestScore = int.MinValue;
        for (int i = 0; i < _properties.MemoryTypeCount; i++)
        {
            MemoryPropertyFlags flags = Flags(i);
            if ((allowed >> i & 1) == 0
                || (flags & unsuited) != 0
                || (kind != GpuMemoryKind.Device && (flags & coherent) != coherent))
                continue;
            int score = Score(kind, flags);
            if (score > bestScore)
                (best, bestScore) = (i, score);
        }
        if (best < 0)
            throw new MissingFeatureException("VkMemoryType", $"{_device.Physical.Name} has no memory type for {kind} buffers.");
        return best;
    }

    private static int Score(GpuMemoryKind kind, MemoryPropertyFlags flags)
    {
        int local = flags.HasFlag(MemoryPropertyFlags.DeviceLocalBit) ? 1 : 0;
        int visible = flags.HasFlag(MemoryPropertyFlags.HostVisibleBit) ? 1 : 0;
        int cached = flags.HasFlag(MemoryPropertyFlags.HostCachedBit) ? 1 : 0;
        return kind switch
        {
            // On a discrete GPU the mappable part of its memory may be a small window: leave that to those who need it.
            GpuMemoryKind.Device => 4 * local - 2 * visible + cached,
            // Staging is written once and in order: plain system memory.
            GpuMemoryKind.Upload => -2 * local - cached,
            _ => 4 * cached - local,
        };
    }

    private MemoryPropertyFlags Flags(int type) => _properties.MemoryTypes[type].PropertyFlags;

    private int HeapOf(int type) => (int)_properties.MemoryTypes[type].HeapIndex;

    private static string Mebibytes(long bytes) => $"{bytes / 1048576.0:0.##} MiB";
}
