using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>The choice that every kernel of a graph is made with.</summary>
/// <param name="Form">Family of kernels.</param>
/// <param name="Activation">Storage of activations and, unless told otherwise, of matrix weights; accumulation is always fp32.</param>
internal sealed record KernelProfile(KernelForm Form, DataType Activation)
{
    /// <summary>Whether matrices are kept as int8 with a scale for each output feature.</summary>
    public bool Int8Weights { get; init; }

    /// <summary>The matrix units, or what takes their place, where the form is one of theirs and activations are fp16.</summary>
    public GemmUnit? Unit { get; init; }

    /// <summary>fp16 by a unit's kernels.</summary>
    public static KernelProfile Of(GemmUnit unit) => new(unit.Form, DataType.Float16) { Unit = unit };

    /// <summary>Whether products go to matrix units.</summary>
    public bool OnMatrixUnits => Unit is { Form: KernelForm.Matrix };

    /// <summary>Ends the name of a shader that is compiled once per storage type.</summary>
    public string Suffix => Activation == DataType.Float16 ? "fp16" : "fp32";

    /// <summary>The suffix for a kernel whose output may be kept in fp32 although its input is not.</summary>
    public string SuffixFor(DataType output) => output == Activation ? Suffix : $"{Suffix}_f32";

    /// <summary>The suffix for a product's kernel, which also goes by how its weight is kept.</summary>
    public string SuffixFor(DataType output, DataType weight) => SuffixFor(output) + (weight == DataType.Int8 ? "_int8" : "");

    /// <summary>How a matrix of that many input features is kept. int8 panels come in pairs of them.</summary>
    public DataType MatrixType(int inFeatures) => Int8Weights && inFeatures % 2 == 0 ? DataType.Int8 : Activation;

    public override string ToString() => $"{Form} {Suffix}";
}
