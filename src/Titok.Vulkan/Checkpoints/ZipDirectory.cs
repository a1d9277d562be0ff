using System.Buffers.Binary;
using System.Text;

namespace Titok.Vulkan.Checkpoints;

/// <summary>
/// The directory of a zip file whose entries are stored, not compressed, so that each can be used where it lies.
/// PyTorch writes such files; .NET's own zip reader would copy the entries.
/// </summary>
/// <remarks>Checksums are not compared: that would read every weight once more, and PyTorch can write files without.</remarks>
internal sealed class ZipDirectory
{
    private const int EndRecordInBytes = 22;
    private const int Zip64LocatorInBytes = 20;
    private const int Zip64EndRecordInBytes = 56;
    private const int CentralHeaderInBytes = 46;
    private const int LocalHeaderInBytes = 30;
    private const int MaxCommentInBytes = ushort.MaxValue;
    private const int MaxDirectoryInBytes = 100_000_000;
    private const ushort Zip64ExtraId = 1;

    private readonly ByteSource _source;
    private readonly string _file;
    private readonly Dictionary<string, ZipEntry> _entries = [];

    private ZipDirectory(ByteSource source, string file)
    {
        _source = source;
        _file = file;
    }

    public IReadOnlyDictionary<string, ZipEntry> Entries => _entries;

    public static ZipDirectory Read(ByteSource source, string file)
    {
        var directory = new ZipDirectory(source, file);
        (long offset, long length, long count) = directory.FindDirectory();
        directory.ReadEntries(offset, length, count);
        directory.CheckOverlaps();
        return directory;
    }

    private (long OffsetInBytes, long LengthInBytes, long Count) FindDirectory()
    {
        int tailInBytes = (int)Math.Min(_source.LengthInBytes, EndRecordInBytes + MaxCommentInBytes);
        long tailStart = _source.LengthInBytes - tailInBytes;
        ReadOnlySpan<byte> tail = _source.Slice(tailStart, tailInBytes);
        for (int at = tailInBytes - EndRecordInBytes; at >= 0; at--)
        {
            ReadOnlySpan<byte> record = tail[at..];
            if (!record.StartsWith("PK\x05\x06"u8) || U16(record, 20) != record.Length - EndRecordInBytes)
                continue;
            if (U16(record, 4) is not (0 or ushort.MaxValue) || U16(record, 6) is not (0 or ushort.MaxValue))
                throw Bad("is a zip in several parts");
            (long Offset, long Length, long Count) found = (U32(record, 16), U32(record, 12), U16(record, 10));
            long end = tailStart + at;
            bool needsZip64 = found.Count == ushort.MaxValue || found.Length == uint.MaxValue || found.Offset == uint.MaxValue;
            if (needsZip64 || HasZip64Locator(end))
                (found, end) = ReadZip64(end);
            if (found.Length > MaxDirectoryInBytes || found.Offset > end || found.Length > end - found.Offset)
                throw Bad("its zip directory lies outside the file");
            return found;
        }

        throw Bad("has no zip directory at its end (truncated?)");
    }

    private bool HasZip64Locator(long endRecordAt) =>
        endRecordAt >= Zip64LocatorInBytes && _source.Slice(endRecordAt - Zip64LocatorInBytes, 4).StartsWith("PK\x06\x07"u8);

    private ((long Offset, long Length, long Count) Found, long End) ReadZip64(long endRecordAt)
    {
        if (!HasZip64Locator(endRecordAt))
            throw Bad("lacks the zip64 directory that it announces");
        ulong at = U64(_source.Slice(endRecordAt - Zip64LocatorInBytes, Zip64LocatorInBytes), 8);
        long locatorAt = endRecordAt - Zip64LocatorInBytes;
        if (locatorAt < Zip64EndRecordInBytes || at > (ulong)(locatorAt - Zip64EndRecordInBytes))
            throw Bad("its zip64 directory lies outside the file");
        ReadOnlySpan<byte> record = _source.Slice((long)at, Zip64EndRecordInBytes);
        ulong count = U64(record, 32), length = U64(record, 40), offset = U64(record, 48);
        if (!record.StartsWith("PK\x06\x06"u8) || count > int.MaxValue || length > int.MaxValue || offset > long.MaxValue)
            throw Bad("its zip64 directory is damaged");
        return (((long)offset, (long)length, (long)count), (long)at);
    }

    private void ReadEntries(long offset, long length, long count)
    {
        ReadOnlySpan<byte> rest = _source.Slice(offset, (int)length);
        for (long i = 0; i < count; i++)
        {
            if (rest.Length < CentralHeaderInBytes || !rest.StartsWith("PK\x01\x02"u8))
                throw Bad($"its zip directory ends after {i} of {count} entries");
            int nameInBytes = U16(rest, 28), extraInBytes = U16(rest, 30), commentInBytes = U16(rest, 32);
            int recordInBytes = CentralHeaderInBytes + nameInBytes + extraInBytes + commentInBytes;
            if (recordInBytes > rest.Length)
                throw Bad("its zip directory is cut off inside an entry");
            ReadOnlySpan<byte> nameBytes = rest.Slice(CentralHeaderInBytes, nameInBytes);
            string name = Encoding.UTF8.GetString(nameBytes);
            if ((U16(rest, 8) & 1) != 0)
                throw Bad($"entry {Quoted.Text(name)} is encrypted");
            ulong stored = U32(rest, 20), plain = U32(rest, 24), headerAt = U32(rest, 42);
            ReadZip64Extra(rest.Slice(CentralHeaderInBytes + nameInBytes, extraInBytes), ref plain, ref stored, ref headerAt);
            if (U16(rest, 10) != 0 || stored != plain)
                throw Bad($"entry {Quoted.Text(name)} is compressed; PyTorch stores its entries plain");
            ZipEntry entry = Locate(name, nameBytes, headerAt, stored, offset);
            if (!_entries.TryAdd(name, entry))
                throw Bad($"its zip directory has {Quoted.Text(name)} twice");
            rest = rest[recordInBytes..];
        }

        if (rest.Length != 0)
            throw Bad("its zip directory is longer than its entries");
    }

    /// <summary>Sizes that don't fit 32 bits stand in an extra field, in this order, each only where it is needed.</summary>
    private static void ReadZip64Extra(ReadOnlySpan<byte> extra, ref ulong plain, ref ulong stored, ref ulong headerAt)
    {
        while (extra.Length >= 4)
        {
            int fieldInBytes = U16(extra, 2);
            if (fieldInBytes > extra.Length - 4)
                return;
            ReadOnlySpan<byte> field = extra.Slice(4, fieldInBytes);
            if (U16(extra, 0) == Zip64ExtraId)
            {
                Take(ref plain, ref field);
                Take(ref stored, ref field);
                Take(ref headerAt, ref field);
                return;
            }

            extra = extra[(4 + fieldInBytes)..];
        }

        static void Take(ref ulong value, ref ReadOnlySpan<byte> field)
        {
            if (value != uint.MaxValue || field.Length < 8)
                return;
            value = U64(field, 0);
            field = field[8..];
        }
    }

    private ZipEntry Locate(string name, ReadOnlySpan<byte> nameBytes, ulong headerAt, ulong lengthInBytes, long directoryAt)
    {
        if (directoryAt < LocalHeaderInBytes || headerAt > (ulong)(directoryAt - LocalHeaderInBytes))
            throw Bad($"entry {Quoted.Text(name)} lies outside the file");
        ReadOnlySpan<byte> header = _source.Slice((long)headerAt, LocalHeaderInBytes);
        long nameAt = (long)headerAt + LocalHeaderInBytes;
        long dataAt = nameAt + U16(header, 26) + U16(header, 28);
        if (!header.StartsWith("PK\x03\x04"u8) || dataAt > directoryAt || lengthInBytes > (ulong)(directoryAt - dataAt))
            throw Bad($"entry {Quoted.Text(name)} lies outside the file");
        if (U16(header, 26) != nameBytes.Length || !_source.Slice(nameAt, nameBytes.Length).SequenceEqual(nameBytes))
            throw Bad($"entry {Quoted.Text(name)} has another name in its own header");
        return new ZipEntry(name, (long)headerAt, dataAt, (long)lengthInBytes);
    }

    private void CheckOverlaps()
    {
        ZipEntry? before = null;
        foreach (ZipEntry entry in _entries.Values.OrderBy(entry => entry.HeaderOffsetInBytes))
        {
            if (before is not null && entry.HeaderOffsetInBytes < before.OffsetInBytes + before.LengthInBytes)
                throw Bad($"entries {Quoted.Text(before.Name)} and {Quoted.Text(entry.Name)} overlap");
            before = entry;
        }
    }

    private static ushort U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static ulong U64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);

    private ModelFormatException Bad(string problem) => new(_file, problem);
}

/// <summary>One stored entry and where its data lies in the file.</summary>
internal sealed record ZipEntry(string Name, long HeaderOffsetInBytes, long OffsetInBytes, long LengthInBytes);
