using System.Buffers.Binary;

namespace Titok.Vulkan.Engine;

/// <summary>The seeds that shaders read: picture i uses seed + i, as a low and a high half.</summary>
internal static class PictureSeeds
{
    public static void Write(Span<byte> destination, ulong seed, int pictures)
    {
        for (int picture = 0; picture < pictures; picture++)
            BinaryPrimitives.WriteUInt64LittleEndian(destination[(picture * sizeof(ulong))..], unchecked(seed + (ulong)picture));
    }
}
