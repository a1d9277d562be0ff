using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text.Json;

namespace Titok.Vulkan.Checkpoints;

/// <summary>
/// Reads a safetensors header: 8 bytes of length, that much JSON, then the data. The data must be covered by the
/// tensors exactly: no gap, no overlap, nothing behind the last.
/// </summary>
internal static class SafetensorsReader
{
    private const int MaxHeaderInBytes = 100_000_000;
    private const int PrefixInBytes = 8;

    public static CheckpointContents Read(ByteSource source, string file)
    {
        if (source.LengthInBytes < PrefixInBytes)
            throw new ModelFormatException(file, $"is {source.LengthInBytes} bytes long, too short for a safetensors header");
        ulong declared = BinaryPrimitives.ReadUInt64LittleEndian(source.Slice(0, PrefixInBytes));
        if (declared > MaxHeaderInBytes)
            throw new ModelFormatException(file, $"its header claims {declared} bytes, expected at most {MaxHeaderInBytes}");
        int headerInBytes = (int)declared;
        if (headerInBytes > source.LengthInBytes - PrefixInBytes)
            throw new ModelFormatException(file, $"its header claims {headerInBytes} bytes, but the file ends after {source.LengthInBytes - PrefixInBytes} of them");

        List<Entry> entries;
        try
        {
            entries = new HeaderParser(source.Slice(PrefixInBytes, headerInBytes), file).Parse();
        }
        catch (JsonException e)
        {
            throw new ModelFormatException(file, "its header is not the JSON that safetensors asks for"
                + $" (at byte {PrefixInBytes + (e.BytePositionInLine ?? 0)} or later)", e);
        }

        long dataStartInBytes = PrefixInBytes + headerInBytes;
        CheckCoverage(entries, source.LengthInBytes - dataStartInBytes, file);

        var tensors = new Dictionary<string, StoredTensor>(entries.Count);
        var integerBuffers = new List<string>();
        foreach (Entry entry in entries)
        {
            if (entry.Type.Weight is { } type)
                tensors.Add(entry.Name, new StoredTensor(new TensorInfo(entry.Name, type, entry.Shape), dataStartInBytes + entry.BeginInBytes));
            else
                integerBuffers.Add(entry.Name);
        }

        return new CheckpointContents(tensors, integerBuffers);
    }

    private static void CheckCoverage(List<Entry> entries, long dataInBytes, string file)
    {
        // An empty tensor begins and ends where its neighbour begins, so it has to come first to count as adjacent.
        entries.Sort((a, b) => (a.BeginInBytes, a.EndInBytes).CompareTo((b.BeginInBytes, b.EndInBytes)));
        long covered = 0;
        foreach (Entry entry in entries)
        {
            if (entry.BeginInBytes < covered)
                throw new ModelFormatException(file, $"tensor {Quoted.Text(entry.Name)} begins at {entry.BeginInBytes} and overlaps the one before it, which ends at {covered}");
            if (entry.BeginInBytes > covered)
                throw new ModelFormatException(file, $"tensor {Quoted.Text(entry.Name)} begins at {entry.BeginInBytes}, which leaves a gap behind {covered}");
            if (entry.EndInBytes > dataInBytes)
                throw new ModelFormatException(file, $"tensor {Quoted.Text(entry.Name)} ends at {entry.EndInBytes}, but the file holds only {dataInBytes} bytes of data (truncated?)");
            covered = entry.EndInBytes;
        }

        if (covered != dataInBytes)
            throw new ModelFormatException(file, $"holds {dataInBytes} bytes of data, but its tensors end at {covered}");
    }

    private readonly record struct Entry(string Name, ElementType Type, ImmutableArray<int> Shape, long BeginInBytes, long EndInBytes);

    private ref struct HeaderParser(ReadOnlySpan<byte> header, string file)
    {
        private Utf8JsonReader _reader = new(header, new JsonReaderOptions { MaxDepth = 4 });

        public List<Entry> Parse()
        {
            var entries = new List<Entry>();
            var names = new HashSet<string>();
            Expect(JsonTokenType.StartObject, "an object of tensors");
            while (NextProperty(out string name))
            {
                if (!names.Add(name))
                    throw new ModelFormatException(file, $"its header has {Quoted.Text(name)} twice");
                if (name == "__metadata__")
                    SkipMetadata();
                else
                    entries.Add(ReadEntry(name));
            }

            // Padding may follow; the reader throws at anything else.
            _reader.Read();
            return entries;
        }

        private void SkipMetadata()
        {
            var keys = new HashSet<string>();
            Expect(JsonTokenType.StartObject, "__metadata__ as an object");
            while (NextProperty(out string key))
            {
                if (!keys.Add(key))
                    throw new ModelFormatException(file, $"its __metadata__ has {Quoted.Text(key)} twice");
                Expect(JsonTokenType.String, $"text for {Quoted.Text(key)} in __metadata__");
            }
        }

        private Entry ReadEntry(string name)
        {
            string? dtype = null;
            ImmutableArray<long> shape = default;
            ImmutableArray<long> offsets = default;
            Expect(JsonTokenType.StartObject, $"an object for tensor {Quoted.Text(name)}");
            while (NextProperty(out string key))
            {
                if (key == "dtype" && dtype is null)
                {
                    Expect(JsonTokenType.String, $"a dtype for tensor {Quoted.Text(name)}");
                    dtype = ReadString();
                }
                else if (key == "shape" && shape.IsDefault)
                {
                    shape = ReadNumbers(TensorShape.MaxRank, $"a shape of at most {TensorShape.MaxRank} whole numbers for tensor {Quoted.Text(name)}");
                }
                else if (key == "data_offsets" && offsets.IsDefault)
                {
                    offsets = ReadNumbers(2, $"two data_offsets for tensor {Quoted.Text(name)}");
                }
                else
                {
                    throw new ModelFormatException(file, $"tensor {Quoted.Text(name)} has {Quoted.Text(key)} {(key is "dtype" or "shape" or "data_offsets" ? "twice" : "which is not part of the format")}");
                }
            }

            if (dtype is null || shape.IsDefault || offsets.IsDefault || offsets.Length != 2)
                throw new ModelFormatException(file, $"tensor {Quoted.Text(name)} has no complete dtype, shape and data_offsets");
            return CheckEntry(name, dtype, shape, offsets[0], offsets[1]);
        }

        private readonly Entry CheckEntry(string name, string dtype, ImmutableArray<long> longShape, long begin, long end)
        {
            if (ElementType.FromSafetensors(dtype) is not { } type)
                throw new ModelFormatException(file, $"tensor {Quoted.Text(name)} has type {Quoted.Text(dtype)}, expected F32, F16 or BF16");
            Span<int> shape = stackalloc int[longShape.Length];
            for (int i = 0; i < shape.Length; i++)
            {
                if (longShape[i] > int.MaxValue)
                    throw new ModelFormatException(file, $"tensor {Quoted.Text(name)} has a dimension of {longShape[i]}, which is too large");
                shape[i] = (int)longShape[i];
            }

            if (!TensorShape.TryLengthInBytes(shape, type.SizeInBytes, out long lengthInBytes))
                throw new ModelFormatException(file, $"tensor {Quoted.Text(name)} of shape {TensorShape.Print(shape)} is larger than 2 GiB");
            if (begin > end || end - begin != lengthInBytes)
                throw new ModelFormatException(file, $"tensor {Quoted.Text(name)} lies at {begin} to {end}, but {dtype} {TensorShape.Print(shape)} takes {lengthInBytes} bytes");
            return new Entry(name, type, [.. shape], begin, end);
        }

        private ImmutableArray<long> ReadNumbers(int maxCount, string expected)
        {
            Expect(JsonTokenType.StartArray, expected);
            ImmutableArray<long>.Builder numbers = ImmutableArray.CreateBuilder<long>();
            while (Next() != JsonTokenType.EndArray)
            {
                if (_reader.TokenType != JsonTokenType.Number || !_reader.TryGetInt64(out long number) || number < 0 || numbers.Count == maxCount)
                    throw new ModelFormatException(file, $"its header lacks {expected}");
                numbers.Add(number);
            }

            return numbers.DrainToImmutable();
        }

        private bool NextProperty(out string name)
        {
            // The reader itself sees to it that an object holds nothing but properties.
            bool found = Next() == JsonTokenType.PropertyName;
            name = found ? ReadString() : "";
            return found;
        }

        private readonly string ReadString()
        {
            try
            {
                return _reader.GetString()!;
            }
            catch (InvalidOperationException e)
            {
                throw new ModelFormatException(file, $"its header has text that is not Unicode, at byte {PrefixInBytes + _reader.TokenStartIndex}", e);
            }
        }

        private void Expect(JsonTokenType type, string expected)
        {
            if (Next() != type)
                throw new ModelFormatException(file, $"its header lacks {expected}");
        }

        private JsonTokenType Next() =>
            _reader.Read() ? _reader.TokenType : throw new ModelFormatException(file, "its header ends too early");
    }
}
