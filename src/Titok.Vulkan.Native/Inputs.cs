using System.Buffers;

namespace Titok.Vulkan.Native;

/// <summary>Reads where a job's pictures are to come from.</summary>
internal static unsafe class Inputs
{
    private const int Memory = 0, Image = 1, Buffer = 2;

    public static TitokInput Read(in NativeInput input)
    {
        var format = Arguments.Known<TitokPixelFormat>(input.Format, "input.format");
        return input.Kind switch
        {
            Memory => new TitokMemoryInput
            {
                Pixels = new CallersMemory(Arguments.Array(input.Pixels, input.SizeInBytes, "input.pixels")).Memory,
                Format = format,
            },
            Image => new TitokImageInput
            {
                Image = input.Image,
                Format = format,
                Layout = Arguments.Layout(input.Layout),
                MipLevel = Arguments.Small(input.MipLevel, "input.mipLevel"),
                FirstLayer = Arguments.Small(input.FirstLayer, "input.firstLayer"),
                Columns = Arguments.Small(input.Columns, "input.columns"),
                X = Arguments.Small(input.X, "input.x"),
                Y = Arguments.Small(input.Y, "input.y"),
            },
            Buffer => new TitokBufferInput
            {
                Buffer = input.Buffer,
                Format = format,
                OffsetInBytes = Arguments.Offset(input.OffsetInBytes),
            },
            _ => throw Arguments.Invalid($"input.kind has no value {input.Kind}"),
        };
    }

    /// <summary>Memory of the caller's, which stays where it is while the call lasts.</summary>
    private sealed class CallersMemory(NativeArray<byte> bytes) : MemoryManager<byte>
    {
        // Looked at once, for its errors; a span can't be kept.
        private readonly int _length = bytes.All.Length;

        public override Memory<byte> Memory => CreateMemory(_length);

        public override Span<byte> GetSpan() => bytes.All;

        public override MemoryHandle Pin(int elementIndex = 0) => new(bytes.Address + elementIndex);

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
