using Titok.Vulkan.Engine;
using Titok.Vulkan.Gpu;

namespace Titok.Vulkan;

/// <summary>Where a job that encodes takes its pictures from. Each is S×S pixels, S the model's image size.</summary>
public abstract record TitokInput
{
    private protected TitokInput()
    {
    }

    /// <summary>How pixels are packed.</summary>
    public TitokPixelFormat Format { get; init; } = TitokPixelFormat.Rgba8;

    /// <summary>Bytes of so many pictures in this format, one after the other.</summary>
    /// <param name="pictures">How many.</param>
    /// <param name="size">Pixels a side.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative, or there is no such format.</exception>
    /// <exception cref="OverflowException">The bytes are more than a long counts.</exception>
    public long SizeInBytes(int pictures, int size) => Format.Layout().SizeInBytes(pictures, size);

    internal abstract PictureSource Source();

    /// <summary>The pictures' bytes, where they come from the program's memory; throws where these are too many or too few.</summary>
    internal virtual ReadOnlySpan<byte> Bytes(int pictures, int size) => [];
}

/// <summary>
/// From a VkImage of the host's, read on the device by the first slice of every round. It needs
/// VK_IMAGE_USAGE_TRANSFER_SRC_BIT and a format of the pixel's size. Barriers around the copy wait for, and are waited for
/// by, all the host's commands on the queue.
/// </summary>
public sealed record TitokImageInput : TitokInput
{
    /// <summary>The VkImage.</summary>
    public required ulong Image { get; init; }

    /// <summary>
    /// The image's VkImageLayout whenever it is read, in which it is left; 5, VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL, unless
    /// told. Of its layers that are read all of the one mip level is in it.
    /// </summary>
    public int Layout { get; init; } = 5;

    /// <summary>The mip level that is read.</summary>
    public int MipLevel { get; init; }

    /// <summary>The array layer of the first picture.</summary>
    public int FirstLayer { get; init; }

    /// <summary>0: every picture comes from a layer of its own. Otherwise all from one layer, so many beside each other.</summary>
    public int Columns { get; init; }

    /// <summary>Left edge of the first picture in pixels.</summary>
    public int X { get; init; }

    /// <summary>Upper edge of the first picture in pixels.</summary>
    public int Y { get; init; }

    internal override PictureSource Source()
    {
        var region = new GpuImageRegion
        {
            Image = Image,
            MipLevel = MipLevel,
            FirstLayer = FirstLayer,
            X = X,
            Y = Y,
            Columns = Columns,
            LayoutBefore = Layout,
            LayoutAfter = Layout,
        };
        region.Check();
        if (!GpuImageRegion.IsLasting(Layout))
            throw new ArgumentOutOfRangeException(nameof(Layout), Layout, "An image in this layout holds nothing to read.");
        return new ImagePictureSource(region) { Pixels = Format.ImageLayout() };
    }
}

/// <summary>
/// From a VkBuffer of the host's, tightly packed, a picture after the other, read on the device by the first slice of every
/// round. It needs VK_BUFFER_USAGE_TRANSFER_SRC_BIT.
/// </summary>
public sealed record TitokBufferInput : TitokInput
{
    /// <summary>The VkBuffer.</summary>
    public required ulong Buffer { get; init; }

    /// <summary>Where in it the first picture starts; a multiple of 4.</summary>
    public long OffsetInBytes { get; init; }

    internal override PictureSource Source()
    {
        var range = new GpuHostBufferRange(Buffer, OffsetInBytes);
        range.Check();
        return new BufferPictureSource(range) { Pixels = Format.Layout() };
    }
}

/// <summary>From memory of the program, tightly packed, a picture after the other; copied when the job takes it.</summary>
public sealed record TitokMemoryInput : TitokInput
{
    /// <summary>The pictures: <see cref="TitokInput.SizeInBytes"/> bytes.</summary>
    public required ReadOnlyMemory<byte> Pixels { get; init; }

    internal override PictureSource Source() => new MemoryPictureSource { Pixels = Format.Layout() };

    internal override ReadOnlySpan<byte> Bytes(int pictures, int size)
    {
        long expected = SizeInBytes(pictures, size);
        if (Pixels.Length != expected)
            throw new ArgumentException($"There are {Pixels.Length} bytes; {expected} were expected of {pictures} pictures of {size}×{size} pixels.", nameof(Pixels));
        return Pixels.Span;
    }
}
