namespace Titok.Vulkan.Gpu;

/// <summary>Where in a host's buffer pictures begin.</summary>
internal readonly record struct GpuHostBufferRange(ulong Buffer, long OffsetInBytes)
{
    /// <summary>Throws where no buffer has such a range.</summary>
    /// <exception cref="ArgumentException">The buffer is null, or the offset no multiple of 4; it is named.</exception>
    public void Check()
    {
        if (Buffer == 0)
            throw new ArgumentException("There is no buffer.", nameof(Buffer));
        if (OffsetInBytes < 0 || OffsetInBytes % 4 != 0)
            throw new ArgumentOutOfRangeException(nameof(OffsetInBytes), OffsetInBytes, "The offset is a multiple of 4.");
    }

    /// <summary>
    /// Copies into the buffer, with the barriers that whatever the host does with it before and afterwards needs; or, instead of
    /// the latter, with a release to who has imported it. It is not acquired again: what it held is overwritten.
    /// </summary>
    public void Write(GpuCommands commands, GpuBufferRange pixels, bool isReleased)
    {
        commands.BarrierFromHost();
        commands.CopyToHost(pixels, Buffer, OffsetInBytes);
        if (isReleased)
            commands.ReleaseToExternal(Buffer, OffsetInBytes, pixels.SizeInBytes);
        else
            commands.BarrierToHost();
    }

    /// <summary>Copies out of the buffer, with the same barriers.</summary>
    public void Read(GpuCommands commands, GpuBufferRange pixels)
    {
        commands.BarrierFromHost();
        commands.CopyFromHost(Buffer, OffsetInBytes, pixels);
        commands.BarrierToHost();
    }
}
