namespace Titok.Vulkan.Checkpoints;

/// <summary>The globals a state dict may name, and what rebuilding with them means here.</summary>
internal static class PickleGlobals
{
    private const int MaxRank = TensorShape.MaxRank;

    /// <summary>Looks a global up in the short list of allowed ones.</summary>
    public static PickleGlobal Find(string module, string name, string file)
    {
        var global = new PickleGlobal(module, name);
        if (global == PickleGlobal.OrderedDict || global == PickleGlobal.RebuildTensor || global == PickleGlobal.RebuildParameter)
            return global;
        if (module == "torch" && ElementType.FromPyTorchStorage(name) is not null)
            return global;
        if (module == "torch" && name.EndsWith("Storage", StringComparison.Ordinal))
            throw new ModelFormatException(file, $"has tensors of type {Quoted.Text(name)}, expected FloatStorage, HalfStorage or BFloat16Storage");
        throw new ModelFormatException(file, $"asks for {Quoted.Text(module + "." + name)}, which no state dict needs, so it is refused");
    }

    /// <summary>Reads a persistent id: ('storage', class, key, device, element count).</summary>
    public static PickleStorage Storage(object? id, string file)
    {
        if (id is not object?[] items || items is not ["storage", PickleGlobal { Module: "torch" } storage, string key, string, long elementCount]
            || elementCount < 0 || ElementType.FromPyTorchStorage(storage.Name) is not { } type)
        {
            throw new ModelFormatException(file, "its pickle has a persistent id that is not a storage");
        }

        return new PickleStorage(type, key, elementCount);
    }

    /// <summary>What "calling" an allowed global gives.</summary>
    public static object Rebuild(PickleGlobal global, object?[] arguments, string file)
    {
        if (global == PickleGlobal.OrderedDict && arguments.Length == 0)
            return new PickleDictionary();

        // A parameter is its tensor, whether it wants a gradient, and hooks.
        if (global == PickleGlobal.RebuildParameter && arguments is [PickleTensor parameter, bool, PickleDictionary])
            return parameter;

        // Storage, offset, size, stride, whether it wants a gradient, hooks and, since PyTorch 2.0, optional metadata.
        if (global == PickleGlobal.RebuildTensor && arguments.Length is 6 or 7
            && arguments is [PickleStorage storage, long offset, object?[] size, object?[] stride, bool, PickleDictionary, ..]
            && size.Length == stride.Length && size.Length <= MaxRank
            && TryLongs(size, out long[] shape) && TryLongs(stride, out long[] strides))
        {
            return new PickleTensor(storage, offset, shape, strides);
        }

        throw new ModelFormatException(file, $"its pickle uses {Quoted.Text(global.Module + "." + global.Name)} with arguments that make no tensor or dictionary");
    }

    private static bool TryLongs(object?[] values, out long[] longs)
    {
        longs = new long[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] is not long value)
                return false;
            longs[i] = value;
        }

        return true;
    }
}
