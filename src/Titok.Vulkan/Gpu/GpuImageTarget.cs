using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>Where in a host's image pictures go, and what the image's layout is before and after.</summary>
internal sealed record GpuImageTarget
{
    public required ulong Image { get; init; }

    public uint MipLevel { get; init; }

    public uint FirstLayer { get; init; }

    public int X { get; init; }

    public int Y { get; init; }

    /// <summary>Pictures side by side in one layer; 0 for a layer each.</summary>
    public int Columns { get; init; }

    public int LayoutBefore { get; init; }

    public required int LayoutAfter { get; init; }

    /// <summary>Copies pictures of tightly packed pixels into the image, which is brought into its layouts around it.</summary>
    public unsafe void Copy(GpuCommands commands, GpuBuffer pixels, int pictures, int size, int bytesPerPixel)
    {
        // A host's image may have been used by anything, and may be used by anything afterwards: one such barrier a
        // picture costs less than an interface that asks for stages and accesses would cost a host in mistakes.
        Change(commands, pictures, (ImageLayout)LayoutBefore, ImageLayout.TransferDstOptimal,
            PipelineStageFlags.AllCommandsBit, AccessFlags.MemoryWriteBit, PipelineStageFlags.TransferBit, AccessFlags.TransferWriteBit);
        for (int picture = 0; picture < pictures; picture++)
        {
            var region = new BufferImageCopy
            {
                BufferOffset = (ulong)picture * (ulong)size * (ulong)size * (ulong)bytesPerPixel,
                ImageSubresource = new ImageSubresourceLayers(ImageAspectFlags.ColorBit, MipLevel, FirstLayer + (Columns > 0 ? 0 : (uint)picture), 1),
                ImageOffset = Columns > 0 ? new Offset3D(X + picture % Columns * size, Y + picture / Columns * size, 0) : new Offset3D(X, Y, 0),
                ImageExtent = new Extent3D((uint)size, (uint)size, 1),
            };
            commands.Device.Vk.CmdCopyBufferToImage(
                commands.Handle, pixels.Handle, new Image(Image), ImageLayout.TransferDstOptimal, 1, &region);
        }
        Change(commands, pictures, ImageLayout.TransferDstOptimal, (ImageLayout)LayoutAfter,
            PipelineStageFlags.TransferBit, AccessFlags.TransferWriteBit, PipelineStageFlags.AllCommandsBit, AccessFlags.MemoryReadBit | AccessFlags.MemoryWriteBit);
    }

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
            SubresourceRange = new ImageSubresourceRange(ImageAspectFlags.ColorBit, MipLevel, 1, FirstLayer, Columns > 0 ? 1 : (uint)pictures),
        };
        commands.Device.Vk.CmdPipelineBarrier(commands.Handle, fromStage, toStage, 0, 0, null, 0, null, 1, &barrier);
    }
}
