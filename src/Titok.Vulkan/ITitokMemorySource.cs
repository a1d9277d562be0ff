namespace Titok.Vulkan;

/// <summary>
/// A host's allocator of device memory. Its members are called from whichever thread uses the library, one at a time. A piece
/// that is not mapped though its memory type is host-visible, or not where it should be, is given back, and the call that
/// wanted it throws <see cref="InvalidOperationException"/>.
/// </summary>
public interface ITitokMemorySource
{
    /// <summary>Gives a piece of a VkDeviceMemory; a default value means that there is none to be had.</summary>
    /// <param name="sizeInBytes">How much.</param>
    /// <param name="memoryTypeIndex">Of which memory type.</param>
    /// <param name="hasDeviceAddress">Whether it must be allocated with VK_MEMORY_ALLOCATE_DEVICE_ADDRESS_BIT.</param>
    /// <param name="purpose">What it is for, for logs.</param>
    TitokMemory Allocate(long sizeInBytes, int memoryTypeIndex, bool hasDeviceAddress, string purpose);

    /// <summary>Takes a piece back.</summary>
    void Free(TitokMemory memory);
}

/// <summary>A piece of device memory from a host.</summary>
/// <param name="Memory">The VkDeviceMemory.</param>
/// <param name="OffsetInBytes">Where the piece starts in it: a multiple of 65536.</param>
/// <param name="Mapped">The address of the piece's first byte, if the memory type is host-visible; it must be mapped then.</param>
/// <param name="Token">The host's own; it comes back with <see cref="ITitokMemorySource.Free"/>.</param>
public readonly record struct TitokMemory(ulong Memory, long OffsetInBytes, nint Mapped, nint Token);
