using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>Writes commands into a command buffer, one of our own or a host's. It keeps nothing and checks nothing.</summary>
internal readonly unsafe struct GpuCommands(GpuDevice device, CommandBuffer handle)
{
    /// <summary>Most bytes that one <see cref="Update"/> may write, which is what vkCmdUpdateBuffer takes.</summary>
    public const int MaxUpdateBytes = 65536;

    public GpuDevice Device => device;

    internal CommandBuffer Handle => handle;

    /// <summary>What comes after sees what dispatches and copies before have written, and overwrites what they have read.</summary>
    public void Barrier() => MemoryBarrier(
        PipelineStageFlags.ComputeShaderBit | PipelineStageFlags.TransferBit,
        AccessFlags.ShaderReadBit | AccessFlags.ShaderWriteBit | AccessFlags.TransferReadBit | AccessFlags.TransferWriteBit);

    /// <summary>The CPU sees what was written before, once it knows that the commands are done.</summary>
    public void ReadbackBarrier() => MemoryBarrier(PipelineStageFlags.HostBit, AccessFlags.HostReadBit);

    /// <summary>Copies that follow may read and write a buffer that the host has used for anything.</summary>
    public void BarrierFromHost() => MemoryBarrier(
        PipelineStageFlags.AllCommandsBit, AccessFlags.MemoryWriteBit, PipelineStageFlags.TransferBit, AccessFlags.TransferReadBit | AccessFlags.TransferWriteBit);

    /// <summary>The host's commands that follow may use for anything what copies before have written or read.</summary>
    public void BarrierToHost() => MemoryBarrier(
        PipelineStageFlags.TransferBit, AccessFlags.TransferWriteBit, PipelineStageFlags.AllCommandsBit, AccessFlags.MemoryReadBit | AccessFlags.MemoryWriteBit);

    /// <summary>Lets another Vulkan device or interface acquire what copies before have written to part of a shared buffer.</summary>
    public void ReleaseToExternal(ulong buffer, long offsetInBytes, long sizeInBytes)
    {
        var barrier = new BufferMemoryBarrier
        {
            SType = StructureType.BufferMemoryBarrier,
            SrcAccessMask = AccessFlags.TransferWriteBit,
            SrcQueueFamilyIndex = device.QueueFamily,
            DstQueueFamilyIndex = Vk.QueueFamilyExternal,
            Buffer = new Silk.NET.Vulkan.Buffer(buffer),
            Offset = (ulong)offsetInBytes,
            Size = (ulong)sizeInBytes,
        };
        device.Vk.CmdPipelineBarrier(handle, PipelineStageFlags.TransferBit, PipelineStageFlags.AllCommandsBit, 0, 0, null, 1, &barrier, 0, null);
    }

    public void Copy(GpuBufferRange from, GpuBufferRange to) =>
        Copy(from.Buffer.Handle, from.OffsetInBytes, to.Buffer.Handle, to.OffsetInBytes, from.SizeInBytes);

    /// <summary>Copies the first part of each of so many equal pieces; the parts come to lie one after the other.</summary>
    public void CopyFirsts(GpuBufferRange from, int pieces, GpuBufferRange to)
    {
        (long stride, long length) = (from.SizeInBytes / pieces, to.SizeInBytes / pieces);
        BufferCopy* regions = stackalloc BufferCopy[pieces];
        for (int piece = 0; piece < pieces; piece++)
        {
            regions[piece] = new BufferCopy
            {
                SrcOffset = (ulong)(from.OffsetInBytes + piece * stride),
                DstOffset = (ulong)(to.OffsetInBytes + piece * length),
                Size = (ulong)length,
            };
        }
        device.Vk.CmdCopyBuffer(handle, from.Buffer.Handle, to.Buffer.Handle, (uint)pieces, regions);
    }

    /// <summary>Copies into a VkBuffer of a host's.</summary>
    public void CopyToHost(GpuBufferRange from, ulong buffer, long toOffsetInBytes) =>
        Copy(from.Buffer.Handle, from.OffsetInBytes, new Silk.NET.Vulkan.Buffer(buffer), toOffsetInBytes, from.SizeInBytes);

    /// <summary>Copies out of a VkBuffer of a host's.</summary>
    public void CopyFromHost(ulong buffer, long fromOffsetInBytes, GpuBufferRange to) =>
        Copy(new Silk.NET.Vulkan.Buffer(buffer), fromOffsetInBytes, to.Buffer.Handle, to.OffsetInBytes, to.SizeInBytes);

    private void Copy(Silk.NET.Vulkan.Buffer from, long fromOffsetInBytes, Silk.NET.Vulkan.Buffer to, long toOffsetInBytes, long sizeInBytes)
    {
        var region = new BufferCopy
        {
            SrcOffset = (ulong)fromOffsetInBytes,
            DstOffset = (ulong)toOffsetInBytes,
            Size = (ulong)sizeInBytes,
        };
        device.Vk.CmdCopyBuffer(handle, from, to, 1, &region);
    }

    public void Fill(GpuBufferRange range, uint value) =>
        device.Vk.CmdFillBuffer(handle, range.Buffer.Handle, (ulong)range.OffsetInBytes, (ulong)range.SizeInBytes, value);

    /// <summary>Writes bytes that are kept in the command buffer itself: whole 4-byte words, of any number.</summary>
    public void Update(GpuBuffer buffer, ReadOnlySpan<byte> data)
    {
        for (int done = 0; done < data.Length; done += MaxUpdateBytes)
        {
            ReadOnlySpan<byte> piece = data.Slice(done, Math.Min(MaxUpdateBytes, data.Length - done));
            fixed (byte* bytes = piece)
                device.Vk.CmdUpdateBuffer(handle, buffer.Handle, (ulong)done, (ulong)piece.Length, bytes);
        }
    }

    /// <summary>Runs a program.</summary>
    /// <param name="program">A pipeline, which is bound unless it is already, or a function.</param>
    /// <param name="set">What <see cref="DescriptorSets.Make"/> has made for it.</param>
    /// <param name="arguments">Push constants, or the function's parameters.</param>
    /// <param name="groupsX">Groups along x.</param>
    /// <param name="groupsY">Groups along y.</param>
    /// <param name="groupsZ">Groups along z.</param>
    /// <param name="bound">The pipeline that is bound, before and after; null where that is not known.</param>
    public void Dispatch(
        GpuProgram program, DescriptorSet set, ReadOnlySpan<byte> arguments, uint groupsX, uint groupsY, uint groupsZ, ref GpuPipeline? bound)
    {
        if (program is GpuFunction function)
        {
            function.Import.Launch(handle, function, arguments, groupsX, groupsY, groupsZ);
            // Nothing says that what was bound before a launch is bound after it.
            bound = null;
            return;
        }
        var pipeline = (GpuPipeline)program;
        if (pipeline != bound)
        {
            device.Vk.CmdBindPipeline(handle, PipelineBindPoint.Compute, pipeline.Handle);
            bound = pipeline;
        }
        if (pipeline.BindingCount > 0)
            device.Vk.CmdBindDescriptorSets(handle, PipelineBindPoint.Compute, pipeline.Layout, 0, 1, &set, 0, null);
        if (arguments.Length > 0)
        {
            fixed (byte* values = arguments)
                device.Vk.CmdPushConstants(handle, pipeline.Layout, ShaderStageFlags.ComputeBit, 0, (uint)arguments.Length, values);
        }
        device.Vk.CmdDispatch(handle, groupsX, groupsY, groupsZ);
    }

    private void MemoryBarrier(PipelineStageFlags stages, AccessFlags access) => MemoryBarrier(
        PipelineStageFlags.ComputeShaderBit | PipelineStageFlags.TransferBit, AccessFlags.ShaderWriteBit | AccessFlags.TransferWriteBit, stages, access);

    private void MemoryBarrier(PipelineStageFlags fromStages, AccessFlags fromAccess, PipelineStageFlags toStages, AccessFlags toAccess)
    {
        var barrier = new MemoryBarrier
        {
            SType = StructureType.MemoryBarrier,
            SrcAccessMask = fromAccess,
            DstAccessMask = toAccess,
        };
        device.Vk.CmdPipelineBarrier(handle, fromStages, toStages, 0, 1, &barrier, 0, null, 0, null);
    }
}
