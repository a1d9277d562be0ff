using Titok.Vulkan.Engine;
using Titok.Vulkan.Gpu;

namespace Titok.Vulkan;

/// <summary>Where a job puts its pictures.</summary>
public abstract record TitokOutput
{
    private protected TitokOutput()
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

    /// <param name="afterEveryStep">Whether it is written more than once without the host in between.</param>
    internal abstract PictureTarget Target(bool afterEveryStep);
}

/// <summary>
/// Into a VkImage of the host's. It needs VK_IMAGE_USAGE_TRANSFER_DST_BIT and a format of the pixel's size; of its layers
/// that are written all of the one mip level changes layout. Barriers around the copy wait for, and are waited for by,
/// all the host's commands on the queue.
/// </summary>
public sealed record TitokImageOutput : TitokOutput
{
    /// <summary>The VkImage.</summary>
    public required ulong Image { get; init; }

    /// <summary>
    /// The image's VkImageLayout whenever a picture is written; 0 (undefined), which fits any, lets go of what the layers hold,
    /// also beside the pictures. With pictures after every step it is undefined or <see cref="LayoutAfter"/>; a job that is
    /// restarted finds the image in <see cref="LayoutAfter"/>, unless the host has changed that.
    /// </summary>
    public int LayoutBefore { get; init; }

    /// <summary>Its VkImageLayout afterwards; 5, VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL, unless told.</summary>
    public int LayoutAfter { get; init; } = 5;

    /// <summary>The mip level that is written.</summary>
    public int MipLevel { get; init; }

    /// <summary>The array layer of the first picture.</summary>
    public int FirstLayer { get; init; }

    /// <summary>0: every picture goes into a layer of its own. Otherwise all go into one layer, so many beside each other.</summary>
    public int Columns { get; init; }

    /// <summary>Left edge of the first picture in pixels.</summary>
    public int X { get; init; }

    /// <summary>Upper edge of the first picture in pixels.</summary>
    public int Y { get; init; }

    internal override PictureTarget Target(bool afterEveryStep)
    {
        var region = new GpuImageRegion
        {
            Image = Image,
            MipLevel = MipLevel,
            FirstLayer = FirstLayer,
            X = X,
            Y = Y,
            Columns = Columns,
            LayoutBefore = LayoutBefore,
            LayoutAfter = LayoutAfter,
        };
        region.Check();
        if (!GpuImageRegion.IsLasting(LayoutAfter))
            throw new ArgumentOutOfRangeException(nameof(LayoutAfter), LayoutAfter, "No image can be brought into this layout.");
        if (afterEveryStep && LayoutBefore != 0 && LayoutBefore != LayoutAfter)
        {
            throw new ArgumentException(
                $"Pictures after every step find the image in the layout that the one before left it in: LayoutBefore is {LayoutBefore}, expected 0 (undefined) or LayoutAfter's {LayoutAfter}.",
                nameof(LayoutBefore));
        }
        return new ImagePictureTarget(region) { Pixels = Format.ImageLayout() };
    }
}

/// <summary>Into a VkBuffer of the host's, tightly packed, a picture after the other. It needs VK_BUFFER_USAGE_TRANSFER_DST_BIT.</summary>
public sealed record TitokBufferOutput : TitokOutput
{
    /// <summary>The VkBuffer.</summary>
    public required ulong Buffer { get; init; }

    /// <summary>Where in it the first picture starts; a multiple of 4.</summary>
    public long OffsetInBytes { get; init; }

    /// <summary>
    /// Whether the pictures' part of the buffer is released to VK_QUEUE_FAMILY_EXTERNAL after every write, from where whoever has
    /// imported it acquires it; the host doesn't use that part itself then. The buffer is of VK_SHARING_MODE_EXCLUSIVE, as a
    /// <see cref="TitokSharedBuffer"/> is. The library never acquires it, as it writes all of the part anew.
    /// </summary>
    public bool ReleaseToExternal { get; init; }

    internal override PictureTarget Target(bool afterEveryStep)
    {
        var range = new GpuHostBufferRange(Buffer, OffsetInBytes);
        range.Check();
        return new BufferPictureTarget(range, ReleaseToExternal) { Pixels = Format.Layout() };
    }
}

/// <summary>Into memory of the program, to be read by <see cref="TitokJob.ReadOutput"/> once the device has executed the job.</summary>
public sealed record TitokMemoryOutput : TitokOutput
{
    internal override PictureTarget Target(bool afterEveryStep) => new MemoryPictureTarget { Pixels = Format.Layout() };
}
