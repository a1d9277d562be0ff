namespace Titok.Vulkan.Checkpoints;

// What a state dict's pickle may build. All of it is inert: these are plain records that no code of the file's
// choosing ever runs on. None is null, numbers are long, and text, bool and tuples (object?[]) are .NET's own.

/// <summary>A <c>dict</c> or <c>OrderedDict</c> with text keys.</summary>
internal sealed class PickleDictionary
{
    public Dictionary<string, object?> Items { get; } = [];
}

/// <summary>A <c>list</c>.</summary>
internal sealed class PickleList
{
    public List<object?> Items { get; } = [];
}

/// <summary>A global that a state dict may name. It is known by its name alone; nothing is looked up or called.</summary>
internal sealed record PickleGlobal(string Module, string Name)
{
    public static PickleGlobal OrderedDict { get; } = new("collections", "OrderedDict");

    public static PickleGlobal RebuildTensor { get; } = new("torch._utils", "_rebuild_tensor_v2");

    public static PickleGlobal RebuildParameter { get; } = new("torch._utils", "_rebuild_parameter");
}

/// <summary>A persistent id: one storage entry of the file.</summary>
internal sealed record PickleStorage(ElementType Type, string Key, long ElementCount);

/// <summary>A tensor as <c>_rebuild_tensor_v2</c> is asked for it; counted in elements, not yet checked.</summary>
internal sealed record PickleTensor(PickleStorage Storage, long Offset, long[] Shape, long[] Strides);
