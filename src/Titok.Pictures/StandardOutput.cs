using System.Text;
using Titok.Vulkan.Files;

namespace Titok.Pictures;

/// <summary>Standard output whose errors name it, as those of files name the file. It is opened when something is first written.</summary>
internal sealed class StandardOutput : Stream
{
    private Stream? _output;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public static TextWriter Writer() => new StreamWriter(new StandardOutput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true };

    public override void Write(byte[] buffer, int offset, int count)
    {
        try
        {
            (_output ??= Console.OpenStandardOutput()).Write(buffer, offset, count);
        }
        catch (Exception e) when (FileErrors.Is(e))
        {
            throw new FileException($"standard output: can't be written: {FileErrors.DescribeWriting(e)}", e);
        }
    }

    public override void Flush()
    {
        // Nothing is kept back here.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
