using Silk.NET.Vulkan;

namespace Titok.Demo.Graphics;

/// <summary>The few kinds of waiting that the demo records.</summary>
internal static unsafe class Barriers
{
    /// <summary>What was copied may be read by the CPU once the submission is done.</summary>
    public static void ForHost(Vk vk, CommandBuffer commands) =>
        Memory(vk, commands, PipelineStageFlags.TransferBit, AccessFlags.TransferWriteBit, PipelineStageFlags.HostBit, AccessFlags.HostReadBit);

    /// <summary>A barrier for all memory.</summary>
    public static void Memory(
        Vk vk, CommandBuffer commands, PipelineStageFlags from, AccessFlags written, PipelineStageFlags to, AccessFlags used)
    {
        var barrier = new MemoryBarrier { SType = StructureType.MemoryBarrier, SrcAccessMask = written, DstAccessMask = used };
        vk.CmdPipelineBarrier(commands, from, to, 0, 1, &barrier, 0, null, 0, null);
    }

    /// <summary>Takes layers of an image from one use and layout to another.</summary>
    public static void Layers(
        Vk vk, CommandBuffer commands, Image image, int first, int count,
        ImageLayout from, PipelineStageFlags stageBefore, AccessFlags written,
        ImageLayout to, PipelineStageFlags stageAfter, AccessFlags used)
    {
        var barrier = new ImageMemoryBarrier
        {
            SType = StructureType.ImageMemoryBarrier,
            SrcAccessMask = written,
            DstAccessMask = used,
            OldLayout = from,
            NewLayout = to,
            SrcQueueFamilyIndex = Vk.QueueFamilyIgnored,
            DstQueueFamilyIndex = Vk.QueueFamilyIgnored,
            Image = image,
            SubresourceRange = new ImageSubresourceRange(ImageAspectFlags.ColorBit, 0, 1, (uint)first, (uint)count),
        };
        vk.CmdPipelineBarrier(commands, stageBefore, stageAfter, 0, 0, null, 0, null, 1, &barrier);
    }
}
