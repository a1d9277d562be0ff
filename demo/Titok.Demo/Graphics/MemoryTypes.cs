using Silk.NET.Vulkan;

namespace Titok.Demo.Graphics;

/// <summary>The types of memory that a device has, which may lie in heaps of very different size.</summary>
internal sealed class MemoryTypes(PhysicalDeviceMemoryProperties properties)
{
    /// <summary>Those that want a feature enabled, or are for images that never leave the chip.</summary>
    private const MemoryPropertyFlags Special =
        MemoryPropertyFlags.ProtectedBit | MemoryPropertyFlags.LazilyAllocatedBit | MemoryPropertyFlags.DeviceCoherentBitAmd | MemoryPropertyFlags.DeviceUncachedBitAmd;

    /// <summary>Allocates by the type that suits best, or by the next while a heap is full.</summary>
    /// <param name="allowed">A bit for each type that the resource may have.</param>
    /// <param name="required">What the memory has to be.</param>
    /// <param name="preferred">What it is to be where there is such, and room.</param>
    /// <param name="allocate">Allocates memory of a type.</param>
    /// <returns>What the last try came to.</returns>
    public Result Allocate(uint allowed, MemoryPropertyFlags required, MemoryPropertyFlags preferred, Func<uint, Result> allocate)
    {
        Result result = Result.ErrorOutOfDeviceMemory;
        // Sorting keeps the order of those that suit alike, in which a driver puts the best first.
        foreach (uint type in Suitable(allowed, required).OrderByDescending(t => FlagsOf(t).HasFlag(preferred)))
        {
            // A mappable heap on the device may be as small as 256 MiB, and other programs' too.
            result = allocate(type);
            if (result != Result.ErrorOutOfDeviceMemory)
                return result;
        }
        return result;
    }

    private IEnumerable<uint> Suitable(uint allowed, MemoryPropertyFlags required)
    {
        for (uint type = 0; type < properties.MemoryTypeCount; type++)
        {
            if ((allowed >> (int)type & 1) != 0 && FlagsOf(type).HasFlag(required) && (FlagsOf(type) & Special) == 0)
                yield return type;
        }
    }

    private MemoryPropertyFlags FlagsOf(uint type) => properties.MemoryTypes[(int)type].PropertyFlags;
}
