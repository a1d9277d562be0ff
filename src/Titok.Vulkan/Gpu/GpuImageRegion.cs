using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>Where in a host's image pictures are, and what the image's layout is before and after they are written or read.</summary>
internal sealed record GpuImageRegion
{
    public required ulong Image { get; init; }

    public int MipLevel { get; init; }

    public int FirstLayer { get; init; }

    public int X { get; init; }

    public int Y { get; init; }

    /// <summary>Pictures side by side in one layer; 0 for a layer each.</summary>
    public int Columns { get; init; }

    public int LayoutBefore { get; init; }

    public required int LayoutAfter { get; init; }

    /// <summary>Whether an image in this VkImageLayout keeps its contents: all but undefined and preinitialized, in which no transition may end.</summary>
    public static bool IsLasting(int layout) => (ImageLayout)layout is not (ImageLayout.Undefined or ImageLayout.Preinitialized);

    /// <summary>Throws where no image has such a region.</summary>
    /// <exception cref="ArgumentException">The image is null, or a number negative; it is named.</exception>
    public void Check()
    {
        if (Image == 0)
            throw new ArgumentException("There is no image.", nameof(Image));
        ArgumentOutOfRangeException.ThrowIfNegative(X);
        ArgumentOutOfRangeException.ThrowIfNegative(Y);
        ArgumentOutOfRangeException.ThrowIfNegative(Columns);
        ArgumentOutOfRangeException.ThrowIfNegative(FirstLayer);
        ArgumentOutOfRangeException.ThrowIfNegative(MipLevel);
    }

    /// <summary>Copies pictures of tightly packed pixels into the image, which is brought into its layouts around it.</summary>
    public unsafe void Write(GpuCommands commands, GpuBuffer pixels, int pictures, int size, int bytesPerPixel)
    {
        // A host's image may have been used by anything, and may be used by anything afterwards: one such barrier a
        // picture costs less than an interface that asks for stages and accesses would cost a host in mistakes.
        BarrierFromHost(commands, pictures, ImageLayout.TransferDstOptimal, AccessFlags.TransferWriteBit);
        for (int picture = 0; picture < pictures; picture++)
        {
            BufferImageCopy copy = Copy(picture, size, bytesPerPixel);
            commands.Device.Vk.CmdCopyBufferToImage(
                commands.Handle, pixels.Handle, new Image(Image), ImageLayout.TransferDstOptimal, 1, &copy);
        }
        BarrierToHost(commands, pictures, ImageLayout.TransferDstOptimal, AccessFlags.TransferWriteBit);
    }

    /// <summary>Copies pictures out of the image, tightly packed, with the same barriers.</summary>
    public unsafe void Read(GpuCommands commands, GpuBuffer pixels, int pictures, int size, int bytesPerPixel)
    {
        BarrierFromHost(commands, pictures, ImageLayout.TransferSrcOptimal, AccessFlags.TransferReadBit);
        for (int picture = 0; picture < pictures; picture++)
        {
            BufferImageCopy copy = Copy(picture, size, bytesPerPixel);
            commands.Device.Vk.CmdCopyImageToBuffer(
                commands.Handle, new Image(Image), ImageLayout.TransferSrcOptimal, pixels.Handle, 1, &copy);
        }
        BarrierToHost(commands, pictures, ImageLayout.TransferSrcOptimal, AccessFlags.None);
    }

    private BufferImageCopy Copy(int picture, int size, int bytesPerPixel) => new()
    {
        BufferOffset = (ulong)picture * (ulong)size * (ulong)size * (ulong)bytesPerPixel,
        ImageSubresource = new ImageSubresourceLayers(ImageAspectFlags.ColorBit, (uint)MipLevel, (uint)(FirstLayer + (Columns > 0 ? 0 : picture)), 1),
        ImageOffset = Columns > 0 ? new Offset3D(X + picture % Columns * size, Y + picture / Columns * size, 0) : new Offset3D(X, Y, 0),
        ImageExtent = new Extent3D((uint)size, (uint)size, 1),
    };

    private void BarrierFromHost(GpuCommands commands, int pictures, ImageLayout to, AccessFlags access) => Change(
        commands, pictures, (ImageLayout)LayoutBefore, to,
        PipelineStageFlags.AllCommandsBit, AccessFlags.MemoryWriteBit, PipelineStageFlags.TransferBit, access);

    private void BarrierToHost(GpuCommands commands, int pictures, ImageLayout from, AccessFlags access) => Change(
        commands, pictures, from, (ImageLayout)LayoutAfter,
        PipelineStageFlags.TransferBit, access, PipelineStageFlags.AllCommandsBit, AccessFlags.MemoryReadBit | AccessFlags.MemoryWriteBit);

    private unsafe void Change(
        GpuCommands commands, int pictures, ImageLayout before, ImageLayout after,
        PipelineStageFlags fromStage, AccessFlags fromAccess, PipelineStageFlags toStage, AccessFlags toAccess)
    {
        var barrier = new ImageMemoryBarrier
        {
            SType = StructureType.ImageMemoryBarrier,
            SrcAccessMask = fromAccess,
            DstAccessMask = toAccess,
            OldLayout = before,
            NewLayout = after,
            SrcQueueFamilyIndex = Vk.QueueFamilyIgnored,
            DstQueueFamilyIndex = Vk.QueueFamilyIgnored,
            Image = new Image(Image),
            SubresourceRange = new ImageSubresourceRange(ImageAspectFlags.ColorBit, (uint)MipLevel, 1, (uint)FirstLayer, Columns > 0 ? 1 : (uint)pictures),
        };
        commands.Device.Vk.CmdPipelineBarrier(commands.Handle, fromStage, toStage, 0, 0, null, 0, null, 1, &barrier);
    }
}
