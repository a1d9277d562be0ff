using System.Collections.Immutable;

namespace Titok.Vulkan.Checkpoints;

/// <summary>Reads sizes off a checkpoint's tensors and holds them against each other and against the config.</summary>
internal sealed class ShapeInference(Checkpoint checkpoint, string configFile)
{
    private const int MaxLayers = 1000;

    public bool Has(string name) => checkpoint.Tensors.ContainsKey(name);

    /// <summary>The shape of a tensor that must be there, with so many dimensions and none of them empty.</summary>
    public ImmutableArray<int> Shape(string name, int rank)
    {
        if (!checkpoint.Tensors.TryGetValue(name, out TensorInfo? tensor))
            throw ExpectedTensor.Missing(checkpoint, name, $"{rank} dimensions");
        if (tensor.Shape.Length != rank || tensor.Shape.Contains(0))
            throw new ModelFormatException(checkpoint.File, $"tensor '{name}' is {TensorShape.Print(tensor.Shape)}, expected {rank} dimensions, none of them 0");
        return tensor.Shape;
    }

    /// <summary>Counts layers 0, 1, 2 … as long as each has the tensor <paramref name="name"/> gives for it.</summary>
    public int Count(Func<int, string> name)
    {
        int count = 0;
        while (count < MaxLayers && Has(name(count)))
            count++;
        return count;
    }

    /// <summary>Refuses a size that the config states differently.</summary>
    public int Agree(string tensor, string meaning, int found, string key, int? configured)
    {
        if (configured is { } expected && expected != found)
            throw Contradiction(tensor, $"{meaning} {found}", key, $"{expected}");
        return found;
    }

    public ModelFormatException Contradiction(string tensor, string found, string key, string expected)
    {
        string shape = checkpoint.Tensors.TryGetValue(tensor, out TensorInfo? info) ? TensorShape.Print(info.Shape) : "absent";
        return Bad(tensor, $"is {shape}, which means {found}, but {configFile} expects {key} {expected}");
    }

    public ModelFormatException Bad(string tensor, string problem) => new(checkpoint.File, $"tensor '{tensor}' {problem}");
}
