using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace Titok.Vulkan.Checkpoints;

/// <summary>A file mapped read-only, so that weights become resident only while they are being uploaded.</summary>
internal sealed unsafe partial class MappedByteSource : ByteSource
{
    private const int MadviseWillNeed = 3, MadviseDontNeed = 4;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private byte* _start;

    public MappedByteSource(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        LengthInBytes = stream.Length;
        if (LengthInBytes == 0)
            throw new InvalidDataException("the file is empty");
        _file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        try
        {
            _view = _file.CreateViewAccessor(0, LengthInBytes, MemoryMappedFileAccess.Read);
            byte* pointer = null;
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
            _start = pointer + _view.PointerOffset;
        }
        catch
        {
            _view?.Dispose();
            _file.Dispose();
            throw;
        }
    }

    public override long LengthInBytes { get; }

    public override void Expect(long offsetInBytes, long lengthInBytes) => Advise(offsetInBytes, lengthInBytes, MadviseWillNeed);

    public override void Release(long offsetInBytes, long lengthInBytes) => Advise(offsetInBytes, lengthInBytes, MadviseDontNeed);

    public override void Dispose()
    {
        if (_start == null)
            return;
        _start = null;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    protected override ReadOnlySpan<byte> SliceChecked(long offsetInBytes, int lengthInBytes)
    {
        ObjectDisposedException.ThrowIf(_start == null, this);
        return new ReadOnlySpan<byte>(_start + offsetInBytes, lengthInBytes);
    }

    private void Advise(long offsetInBytes, long lengthInBytes, int advice)
    {
        if (!OperatingSystem.IsLinux() || _start == null || lengthInBytes <= 0)
            return;
        // Whole pages only; a neighbour that shares the first page is simply read in again. The result is not
        // looked at, since this is a hint.
        nint address = (nint)(_start + offsetInBytes);
        nint pageStart = address & ~((nint)Environment.SystemPageSize - 1);
        _ = Madvise(pageStart, (nuint)(address + (nint)lengthInBytes - pageStart), advice);
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Madvise(nint address, nuint lengthInBytes, int advice);
}
