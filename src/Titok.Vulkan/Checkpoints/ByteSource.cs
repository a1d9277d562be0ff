namespace Titok.Vulkan.Checkpoints;

/// <summary>The bytes of a checkpoint file, wherever they are. Spans are valid until it is disposed.</summary>
internal abstract class ByteSource : IDisposable
{
    public abstract long LengthInBytes { get; }

    /// <summary>A window; the caller has checked the bounds, and they are checked again.</summary>
    public ReadOnlySpan<byte> Slice(long offsetInBytes, int lengthInBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offsetInBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(lengthInBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offsetInBytes, LengthInBytes - lengthInBytes);
        return SliceChecked(offsetInBytes, lengthInBytes);
    }

    /// <summary>Hints that a window will be read soon, so that the disk can begin.</summary>
    public virtual void Expect(long offsetInBytes, long lengthInBytes)
    {
    }

    /// <summary>Hints that a window won't be read again soon. Reading it later is still right, only slower.</summary>
    public virtual void Release(long offsetInBytes, long lengthInBytes)
    {
    }

    public abstract void Dispose();

    protected abstract ReadOnlySpan<byte> SliceChecked(long offsetInBytes, int lengthInBytes);
}
