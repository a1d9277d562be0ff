namespace Titok.Vulkan.Checkpoints;

/// <summary>A checkpoint held in memory.</summary>
internal sealed class MemoryByteSource(ReadOnlyMemory<byte> content) : ByteSource
{
    public override long LengthInBytes => content.Length;

    public override void Dispose()
    {
    }

    protected override ReadOnlySpan<byte> SliceChecked(long offsetInBytes, int lengthInBytes) =>
        content.Span.Slice((int)offsetInBytes, lengthInBytes);
}

/// <summary>A checkpoint that lies in memory which is not .NET's, and is somebody else's to free.</summary>
internal sealed unsafe class AddressByteSource(nint address, long lengthInBytes) : ByteSource
{
    public override long LengthInBytes => lengthInBytes;

    public override void Dispose()
    {
    }

    protected override ReadOnlySpan<byte> SliceChecked(long offsetInBytes, int lengthInBytes) =>
        new((byte*)address + offsetInBytes, lengthInBytes);
}
