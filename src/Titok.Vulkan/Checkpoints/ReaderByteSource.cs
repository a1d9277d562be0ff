using Titok.Vulkan.Files;

namespace Titok.Vulkan.Checkpoints;

/// <summary>A file that the program reads part by part. Each part has memory of its own, so that it stays valid; one thread at a time asks.</summary>
internal sealed class ReaderByteSource(string file, long lengthInBytes, TitokFileReader read) : ByteSource
{
    /// <summary>Read at least, as tensors that are not contiguous are gathered number by number.</summary>
    private const int WindowInBytes = 1 << 16;

    private long _windowOffsetInBytes;
    private byte[] _window = [];

    public override long LengthInBytes => lengthInBytes;

    public override void Dispose()
    {
    }

    protected override ReadOnlySpan<byte> SliceChecked(long offsetInBytes, int lengthInBytes)
    {
        if (lengthInBytes >= WindowInBytes)
            return Read(offsetInBytes, lengthInBytes);
        if (offsetInBytes < _windowOffsetInBytes || offsetInBytes + lengthInBytes > _windowOffsetInBytes + _window.Length)
            (_windowOffsetInBytes, _window) = (offsetInBytes, Read(offsetInBytes, (int)Math.Min(WindowInBytes, LengthInBytes - offsetInBytes)));
        return _window.AsSpan((int)(offsetInBytes - _windowOffsetInBytes), lengthInBytes);
    }

    private byte[] Read(long offsetInBytes, int lengthInBytes)
    {
        byte[] bytes = GC.AllocateUninitializedArray<byte>(lengthInBytes);
        try
        {
            read(offsetInBytes, bytes);
        }
        catch (Exception e) when (FileErrors.Is(e))
        {
            throw new ModelFormatException(file, $"can't be read: {e.Message}", e);
        }
        return bytes;
    }
}
