using System.Buffers.Binary;
using System.Text;

namespace Titok.Vulkan.Tests.Checkpoints;

/// <summary>Builds zip files with stored entries, right ones and wrong ones.</summary>
internal sealed class ZipBuilder
{
    private readonly List<(string Name, byte[] Data)> _entries = [];

    /// <summary>Padding before each entry's data, as PyTorch aligns it.</summary>
    public int PaddingInBytes { get; init; }

    public ushort Method { get; init; }

    public ushort Flags { get; init; }

    public bool Zip64 { get; init; }

    /// <summary>Where the directory says that the last entry's header is, instead of where it is.</summary>
    public long? LastHeaderAt { get; init; }

    /// <summary>The name that local headers have instead of the entry's own.</summary>
    public string? LocalName { get; init; }

    public ZipBuilder Add(string name, ReadOnlySpan<byte> data)
    {
        _entries.Add((name, data.ToArray()));
        return this;
    }

    public byte[] Build()
    {
        var file = new MemoryStream();
        var directory = new MemoryStream();
        for (int i = 0; i < _entries.Count; i++)
        {
            (string name, byte[] data) = _entries[i];
            long headerAt = i == _entries.Count - 1 && LastHeaderAt is { } lie ? lie : file.Position;
            byte[] localName = Encoding.UTF8.GetBytes(LocalName ?? name);
            file.Write("PK\x03\x04"u8);
            Write(file, (ushort)20, Flags, Method, (ushort)0, (ushort)0, 0u, (uint)data.Length, (uint)data.Length, (ushort)localName.Length, (ushort)PaddingInBytes);
            file.Write(localName);
            file.Write(new byte[PaddingInBytes]);
            file.Write(data);

            byte[] nameBytes = Encoding.UTF8.GetBytes(name);
            uint size = Zip64 ? uint.MaxValue : (uint)data.Length, at = Zip64 ? uint.MaxValue : (uint)headerAt;
            directory.Write("PK\x01\x02"u8);
            Write(directory, (ushort)20, (ushort)20, Flags, Method, (ushort)0, (ushort)0, 0u, size, size);
            Write(directory, (ushort)nameBytes.Length, (ushort)(Zip64 ? 28 : 0), (ushort)0, (ushort)0, (ushort)0, 0u, at);
            directory.Write(nameBytes);
            if (Zip64)
                Write(directory, (ushort)1, (ushort)24, (ulong)data.Length, (ulong)data.Length, (ulong)headerAt);
        }

        long directoryAt = file.Position;
        file.Write(directory.ToArray());
        if (Zip64)
        {
            long recordAt = file.Position;
            file.Write("PK\x06\x06"u8);
            Write(file, 44ul, (ushort)45, (ushort)45, 0u, 0u, (ulong)_entries.Count, (ulong)_entries.Count, (ulong)directory.Length, (ulong)directoryAt);
            file.Write("PK\x06\x07"u8);
            Write(file, 0u, (ulong)recordAt, 1u);
        }

        file.Write("PK\x05\x06"u8);
        ushort count = Zip64 ? ushort.MaxValue : (ushort)_entries.Count;
        Write(file, (ushort)0, (ushort)0, count, count, Zip64 ? uint.MaxValue : (uint)directory.Length, Zip64 ? uint.MaxValue : (uint)directoryAt, (ushort)0);
        return file.ToArray();
    }

    private static void Write(Stream stream, params ReadOnlySpan<object> numbers)
    {
        Span<byte> bytes = stackalloc byte[8];
        foreach (object number in numbers)
        {
            switch (number)
            {
                case ushort u16:
                    BinaryPrimitives.WriteUInt16LittleEndian(bytes, u16);
                    stream.Write(bytes[..2]);
                    break;
                case uint u32:
                    BinaryPrimitives.WriteUInt32LittleEndian(bytes, u32);
                    stream.Write(bytes[..4]);
                    break;
                default:
                    BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)number);
                    stream.Write(bytes);
                    break;
            }
        }
    }
}
