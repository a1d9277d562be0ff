using Titok.Vulkan.Engine;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan;

/// <summary>How a pixel of a picture lies in memory.</summary>
public enum TitokPixelFormat
{
    /// <summary>
    /// Four bytes: red, green, blue, 255; of pictures that are read the fourth is ignored. For images of
    /// VK_FORMAT_R8G8B8A8_SRGB, or _UNORM to take the bytes as they are.
    /// </summary>
    Rgba8,

    /// <summary>The same with blue first. For images of VK_FORMAT_B8G8R8A8_SRGB or _UNORM.</summary>
    Bgra8,

    /// <summary>
    /// Four fp16: red, green, blue, 1, as the model gives them: with sRGB's curve, about 0..1, not clamped. Of pictures that
    /// are read colours are clamped to 0..1, and the fourth is ignored.
    /// </summary>
    Rgba16Float,

    /// <summary>The same as linear light, for images of VK_FORMAT_R16G16B16A16_SFLOAT that are lit or blended.</summary>
    Rgba16FloatLinear,

    /// <summary>fp32 planes [3, S, S] as the model has them. For buffers and memory, not for images.</summary>
    PlanarFloat32,
}

internal static class TitokPixelFormats
{
    /// <exception cref="ArgumentOutOfRangeException">There is no such format.</exception>
    public static PixelLayout Layout(this TitokPixelFormat format) => format switch
    {
        TitokPixelFormat.Rgba8 => new PixelLayout(PixelFormat.Rgba8, IsLinear: false),
        TitokPixelFormat.Bgra8 => new PixelLayout(PixelFormat.Bgra8, IsLinear: false),
        TitokPixelFormat.Rgba16Float => new PixelLayout(PixelFormat.Rgba16Float, IsLinear: false),
        TitokPixelFormat.Rgba16FloatLinear => new PixelLayout(PixelFormat.Rgba16Float, IsLinear: true),
        TitokPixelFormat.PlanarFloat32 => default,
        _ => throw new ArgumentOutOfRangeException("Format", format, "There is no such pixel format."),
    };

    /// <summary>The same for an image, which has no planes.</summary>
    public static PixelLayout ImageLayout(this TitokPixelFormat format) => format == TitokPixelFormat.PlanarFloat32
        ? throw new ArgumentException("An image has no planes; choose another pixel format.", "Format")
        : format.Layout();
}
