namespace Titok.Vulkan.Gpu;

/// <summary>A device's memory as it is now.</summary>
/// <param name="UsedInBytes">What the live buffers take.</param>
/// <param name="AllocatedInBytes">What is allocated from the driver, free parts of blocks included.</param>
/// <param name="AllocationCount">Driver allocations alive.</param>
/// <param name="BufferCount">Buffers alive.</param>
/// <param name="Heaps">The device's heaps.</param>
internal sealed record GpuMemoryReport(
    long UsedInBytes, long AllocatedInBytes, int AllocationCount, int BufferCount, IReadOnlyList<GpuHeap> Heaps);

/// <summary>One memory heap; budget and usage are the driver's where it tells them, else its size and our own use.</summary>
internal readonly record struct GpuHeap(long SizeInBytes, long BudgetInBytes, long UsageInBytes)
{
    public long AvailableInBytes => Math.Max(0, BudgetInBytes - UsageInBytes);
}
