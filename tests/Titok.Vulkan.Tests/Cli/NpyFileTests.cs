using System.Runtime.InteropServices;
using Titok.Cli.Files;

namespace Titok.Vulkan.Tests.Cli;

public sealed class NpyFileTests
{
    [Fact]
    public void MoreThanTwoGibibytesAreWritten()
    {
        // Memory that nobody writes to is not taken from the machine.
        float[] data = new float[(1 << 29) + 3];
        (data[0], data[^1]) = (1, 2);
        using var stream = new Gauge();
        NpyFile.Write(stream, data, data.Length);
        Assert.Equal(0, (stream.Length - 4L * data.Length) % 64);
        Assert.Equal(2, stream.Last);
    }

    /// <summary>Keeps only how much was written, and the last number.</summary>
    private sealed class Gauge : Stream
    {
        private long _length;

        public float Last { get; private set; }

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => _length;

        public override long Position { get => _length; set => throw new NotSupportedException(); }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            _length += buffer.Length;
            Last = MemoryMarshal.Read<float>(buffer[^4..]);
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
