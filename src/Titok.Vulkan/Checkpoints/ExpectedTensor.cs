using System.Collections.Immutable;

namespace Titok.Vulkan.Checkpoints;

/// <summary>A tensor that a network uses.</summary>
internal sealed record ExpectedTensor(string Name, ImmutableArray<int> Shape)
{
    /// <summary>Checks that a checkpoint holds the expected tensors and no others.</summary>
    public static void Check(Checkpoint checkpoint, IEnumerable<ExpectedTensor> expected)
    {
        var names = new HashSet<string>();
        foreach (ExpectedTensor tensor in expected)
        {
            names.Add(tensor.Name);
            if (!checkpoint.Tensors.TryGetValue(tensor.Name, out TensorInfo? found))
                throw Missing(checkpoint, tensor.Name, TensorShape.Print(tensor.Shape));
            if (!found.Shape.AsSpan().SequenceEqual(tensor.Shape.AsSpan()))
                throw new ModelFormatException(checkpoint.File, $"tensor '{tensor.Name}' is {TensorShape.Print(found.Shape)}, expected {TensorShape.Print(tensor.Shape)}");
        }

        foreach (string name in checkpoint.Tensors.Keys)
        {
            if (!names.Contains(name))
                throw new ModelFormatException(checkpoint.File, $"tensor {Quoted.Text(name)} is not part of this network, expected only tensors it uses");
        }
    }

    public static ModelFormatException Missing(Checkpoint checkpoint, string name, string shape) =>
        new(checkpoint.File, checkpoint.IntegerBuffers.Contains(name)
            ? $"tensor '{name}' holds integers, expected F32, F16 or BF16"
            : $"tensor '{name}' is missing, expected {shape}");
}

/// <summary>The expected tensors of layers that every network is made of.</summary>
internal static class ExpectedLayers
{
    /// <summary>A weight [output, input, …] and its bias [output].</summary>
    public static IEnumerable<ExpectedTensor> Affine(string name, params ImmutableArray<int> weight) =>
        [new($"{name}.weight", weight), new($"{name}.bias", [weight[0]])];

    /// <summary>A normalisation's weight and bias.</summary>
    public static IEnumerable<ExpectedTensor> Norm(string name, int channels) =>
        [new($"{name}.weight", [channels]), new($"{name}.bias", [channels])];
}
