using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Engine;

/// <summary>How pictures lie in memory outside the model, tightly packed, one after the other.</summary>
/// <param name="Format">How a pixel is packed; null for fp32 planes [N, 3, S, S], as the model has them.</param>
/// <param name="IsLinear">Whether the colours are linear light rather than on sRGB's curve.</param>
internal readonly record struct PixelLayout(PixelFormat? Format, bool IsLinear)
{
    public int BytesPerPixel => Format switch
    {
        null => 3 * sizeof(float),
        PixelFormat.Rgba16Float => 8,
        _ => 4,
    };

    /// <summary>Bytes of so many pictures of S×S pixels.</summary>
    public long SizeInBytes(int pictures, int size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(pictures);
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        return checked((long)pictures * size * size * BytesPerPixel);
    }
}
