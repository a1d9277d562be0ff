using System.Collections.Immutable;

namespace Titok.Vulkan.Checkpoints;

/// <summary>Reads a state dict as <c>torch.save</c> has written it since PyTorch 1.6: a zip of a pickle and storages.</summary>
internal static class PyTorchReader
{
    private const string PickleName = "/data.pkl";

    // A thousand tensors take about 100 KB.
    private const int MaxPickleInBytes = 16 << 20;

    public static CheckpointContents Read(ByteSource source, string file)
    {
        ZipDirectory zip = ZipDirectory.Read(source, file);
        string root = FindRoot(zip, file);
        CheckByteOrder(source, zip, root, file);

        ZipEntry pickle = zip.Entries[root + PickleName];
        if (pickle.LengthInBytes > MaxPickleInBytes)
            throw new ModelFormatException(file, $"its pickle is {pickle.LengthInBytes} bytes long, expected at most {MaxPickleInBytes}");
        object? value = PickleInterpreter.Load(source.Slice(pickle.OffsetInBytes, (int)pickle.LengthInBytes), file);
        if (value is not PickleDictionary stateDict)
            throw new ModelFormatException(file, "its pickle is not a state dict (a dictionary of tensors)");

        var tensors = new Dictionary<string, StoredTensor>();
        var integerBuffers = new List<string>();
        var storages = new Dictionary<string, PickleStorage>();
        foreach ((string name, object? item) in stateDict.Items)
        {
            if (item is not PickleTensor tensor)
                throw new ModelFormatException(file, $"{Quoted.Text(name)} is not a tensor; expected a plain state dict");
            long offsetInBytes = LocateStorage(tensor.Storage, zip, root, storages, name, file);
            StoredTensor? stored = Check(tensor, name, offsetInBytes, file);
            if (stored is not null)
                tensors.Add(name, stored);
            else
                integerBuffers.Add(name);
        }

        return new CheckpointContents(tensors, integerBuffers);
    }

    private static string FindRoot(ZipDirectory zip, string file)
    {
        string[] roots = [.. from name in zip.Entries.Keys
                             where name.EndsWith(PickleName, StringComparison.Ordinal) && name.IndexOf('/') == name.Length - PickleName.Length
                             select name[..^PickleName.Length]];
        if (roots.Length != 1)
            throw new ModelFormatException(file, roots.Length == 0 ? "is a zip without a data.pkl, so not a PyTorch file" : "is a zip with several data.pkl");
        if (zip.Entries.ContainsKey(roots[0] + "/constants.pkl"))
            throw new ModelFormatException(file, "is a TorchScript program, expected a state dict");
        return roots[0];
    }

    private static void CheckByteOrder(ByteSource source, ZipDirectory zip, string root, string file)
    {
        // PyTorch before 2.1 wrote no such entry, and only little-endian machines to speak of.
        if (zip.Entries.TryGetValue(root + "/byteorder", out ZipEntry? order)
            && !(order.LengthInBytes == 6 && source.Slice(order.OffsetInBytes, 6).SequenceEqual("little"u8)))
        {
            throw new ModelFormatException(file, "its byte order is not 'little'");
        }
    }

    private static long LocateStorage(
        PickleStorage storage, ZipDirectory zip, string root, Dictionary<string, PickleStorage> storages, string name, string file)
    {
        if (!zip.Entries.TryGetValue($"{root}/data/{storage.Key}", out ZipEntry? entry))
            throw new ModelFormatException(file, $"tensor {Quoted.Text(name)} lies in storage {Quoted.Text(storage.Key)}, which the file lacks");

        // Division, since the count is the file's word and might overflow a product.
        (long count, long remainder) = Math.DivRem(entry.LengthInBytes, storage.Type.SizeInBytes);
        if (count != storage.ElementCount || remainder != 0)
        {
            throw new ModelFormatException(file, $"tensor {Quoted.Text(name)} lies in storage {Quoted.Text(storage.Key)} of {entry.LengthInBytes} bytes,"
                + $" expected {storage.ElementCount} elements of {storage.Type.SizeInBytes} bytes");
        }

        if (!storages.TryAdd(storage.Key, storage) && storages[storage.Key] != storage)
            throw new ModelFormatException(file, $"tensor {Quoted.Text(name)} takes storage {Quoted.Text(storage.Key)} for another type than the tensor before it");
        return entry.OffsetInBytes;
    }

    /// <summary>Checks a tensor against its storage; null for an integer buffer.</summary>
    private static StoredTensor? Check(PickleTensor tensor, string name, long storageOffsetInBytes, string file)
    {
        Span<int> shape = stackalloc int[tensor.Shape.Length];
        for (int i = 0; i < shape.Length; i++)
        {
            if (tensor.Shape[i] is < 0 or > int.MaxValue)
                throw new ModelFormatException(file, $"tensor {Quoted.Text(name)} has a dimension of {tensor.Shape[i]}");
            shape[i] = (int)tensor.Shape[i];
        }

        int elementSizeInBytes = tensor.Storage.Type.SizeInBytes;
        if (!TensorShape.TryLengthInBytes(shape, elementSizeInBytes, out long lengthInBytes))
            throw new ModelFormatException(file, $"tensor {Quoted.Text(name)} of shape {TensorShape.Print(shape)} is larger than 2 GiB");
        if (!LiesWithin(tensor, lengthInBytes == 0))
        {
            throw new ModelFormatException(file, $"tensor {Quoted.Text(name)} of shape {TensorShape.Print(shape)}, offset {tensor.Offset}"
                + $" and strides [{string.Join(", ", tensor.Strides)}] reaches outside its storage of {tensor.Storage.ElementCount} elements");
        }

        if (tensor.Storage.Type.Weight is not { } type)
            return null;
        ImmutableArray<long> strides = IsContiguous(shape, tensor.Strides) ? default : [.. tensor.Strides];
        return new StoredTensor(new TensorInfo(name, type, [.. shape]), storageOffsetInBytes + (tensor.Offset * elementSizeInBytes), strides);
    }

    private static bool LiesWithin(PickleTensor tensor, bool isEmpty)
    {
        long last = tensor.Offset;
        if (last < 0 || last > tensor.Storage.ElementCount)
            return false;
        for (int i = 0; i < tensor.Shape.Length; i++)
        {
            long stride = tensor.Strides[i];
            if (stride < 0)
                return false;
            if (isEmpty)
                continue;
            // By division, since the strides are the file's word and might overflow a product.
            long steps = tensor.Shape[i] - 1;
            if (steps > 0 && stride > (tensor.Storage.ElementCount - last) / steps)
                return false;
            last += steps * stride;
        }

        return isEmpty || last < tensor.Storage.ElementCount;
    }

    private static bool IsContiguous(ReadOnlySpan<int> shape, long[] strides)
    {
        if (shape.Contains(0))
            return true;
        long expected = 1;
        for (int i = shape.Length - 1; i >= 0; i--)
        {
            // Where there is one element, no step is ever taken, so its stride says nothing.
            if (shape[i] != 1 && strides[i] != expected)
                return false;
            expected *= shape[i];
        }

        return true;
    }
}
