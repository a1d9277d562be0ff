using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>Which family of kernels a device is given.</summary>
internal enum KernelForm
{
    /// <summary>Needs no optional feature.</summary>
    Portable,

    /// <summary>
    /// For drivers that run on the CPU and load an address that is the same for all lanes as one scalar (lavapipe of
    /// Mesa 24 and later): no shared memory, no barriers, weights read by address. Subgroups of 8.
    /// </summary>
    CpuUniform,

    /// <summary>For drivers that run on the CPU and load for every lane apart: as few loads as can be. Subgroups of 8.</summary>
    CpuLanes,
}

/// <summary>The choice that every kernel of a graph is made with.</summary>
/// <param name="Form">Family of kernels.</param>
/// <param name="Activation">Storage of activations and matrix weights; accumulation is always fp32.</param>
internal sealed record KernelProfile(KernelForm Form, DataType Activation)
{
    /// <summary>Ends the name of a shader that is compiled once per storage type.</summary>
    public string Suffix => Activation == DataType.Float16 ? "fp16" : "fp32";

    /// <summary>The suffix for a kernel whose output may be kept in fp32 although its input is not.</summary>
    public string SuffixFor(DataType output) => output == Activation ? Suffix : $"{Suffix}_f32";

    public override string ToString() => $"{Form} {Suffix}";
}
