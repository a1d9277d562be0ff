using System.Runtime.InteropServices;

namespace Titok.Vulkan.Checkpoints;

/// <summary>Named tensors over one file, which is mapped where it lies on disk.</summary>
/// <remarks>
/// Bytes are little-endian, as both formats and every platform .NET runs this on have them. A span from here is valid
/// until the checkpoint is disposed. A file on disk must not be shortened while it is open: the operating system would stop
/// the process on the next read, as with any mapped file.
/// </remarks>
internal sealed class Checkpoint : IDisposable
{
    private readonly ByteSource? _source;
    private readonly IReadOnlyDictionary<string, StoredTensor> _stored;
    private readonly Dictionary<string, byte[]> _gathered = [];

    /// <summary>Makes a checkpoint of names and shapes only, without data.</summary>
    public Checkpoint(string file, IEnumerable<TensorInfo> tensors)
    {
        File = file;
        _stored = tensors.ToDictionary(tensor => tensor.Name, tensor => new StoredTensor(tensor, 0));
        Tensors = _stored.ToDictionary(pair => pair.Key, pair => pair.Value.Info);
        IntegerBuffers = [];
    }

    private Checkpoint(string file, ByteSource source)
    {
        File = file;
        _source = source;
        CheckpointContents contents = CheckpointFormat.Read(source, file);
        _stored = contents.Tensors;
        Tensors = _stored.ToDictionary(pair => pair.Key, pair => pair.Value.Info);
        IntegerBuffers = contents.IntegerBuffers;
    }

    /// <summary>The file's path, as it was given.</summary>
    public string File { get; }

    /// <summary>The weights by name.</summary>
    public IReadOnlyDictionary<string, TensorInfo> Tensors { get; }

    /// <summary>Bytes of all weights.</summary>
    public long LengthInBytes => Tensors.Values.Sum(tensor => tensor.LengthInBytes);

    /// <summary>Names of integer tensors that came along and are not weights.</summary>
    public IReadOnlyCollection<string> IntegerBuffers { get; }

    /// <summary>Opens a <c>.safetensors</c> or PyTorch <c>.bin</c> file; which one it is, its content says.</summary>
    public static Checkpoint Open(IModelFiles files, string path)
    {
        ByteSource source = files.Open(path);
        try
        {
            return new Checkpoint(path, source);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>The same of a file on disk.</summary>
    public static Checkpoint Open(string path) => Open(DiskFiles.Instance, path);

    /// <summary>Reads a checkpoint that is already in memory.</summary>
    public static Checkpoint Parse(byte[] content, string file) => new(file, new MemoryByteSource(content));

    /// <summary>A tensor's data, contiguous. A strided one is gathered once and kept until released.</summary>
    public ReadOnlySpan<byte> Bytes(string name)
    {
        StoredTensor tensor = _stored[name];
        if (_source is null)
            throw new InvalidOperationException($"{File} was listed without its data.");
        if (tensor.IsContiguous)
            return _source.Slice(tensor.OffsetInBytes, (int)tensor.Info.LengthInBytes);
        lock (_gathered)
        {
            if (!_gathered.TryGetValue(name, out byte[]? bytes))
                _gathered.Add(name, bytes = tensor.Gather(_source));
            return bytes;
        }
    }

    /// <summary>A tensor's values as fp32, whatever they are stored as.</summary>
    public float[] ReadFloats(string name)
    {
        var floats = new float[_stored[name].Info.ElementCount];
        ReadFloats(name, floats);
        return floats;
    }

    /// <summary>Writes a tensor's values as fp32 into <paramref name="destination"/>, which holds at least as many.</summary>
    public void ReadFloats(string name, Span<float> destination)
    {
        ReadOnlySpan<byte> bytes = Bytes(name);
        switch (_stored[name].Info.Type)
        {
            case TensorType.F32:
                MemoryMarshal.Cast<byte, float>(bytes).CopyTo(destination);
                break;
            case TensorType.F16:
                HalfFormat.Widen(MemoryMarshal.Cast<byte, Half>(bytes), destination);
                break;
            default:
                ReadOnlySpan<ushort> upperHalves = MemoryMarshal.Cast<byte, ushort>(bytes);
                for (int i = 0; i < upperHalves.Length; i++)
                    destination[i] = BitConverter.UInt32BitsToSingle((uint)upperHalves[i] << 16);
                break;
        }
    }

    /// <summary>Hints that a tensor will be read soon.</summary>
    public void Expect(string name)
    {
        if (_stored[name] is { IsContiguous: true } tensor)
            _source?.Expect(tensor.OffsetInBytes, tensor.Info.LengthInBytes);
    }

    /// <summary>Hints that a tensor won't be read again soon, so that its pages can go.</summary>
    public void Release(string name)
    {
        StoredTensor tensor = _stored[name];
        lock (_gathered)
            _gathered.Remove(name);
        // Where a strided tensor's pages end depends on its strides, and a neighbour may share them: leave those.
        if (tensor.IsContiguous)
            _source?.Release(tensor.OffsetInBytes, tensor.Info.LengthInBytes);
    }

    public void Dispose() => _source?.Dispose();
}
