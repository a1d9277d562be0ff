using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Engine;

/// <summary>What was found out about a device: the form of its kernels, and which ops its matrix units get right.</summary>
/// <param name="Form">Family of kernels.</param>
/// <param name="Linear">Whether linear layers go to the matrix units.</param>
/// <param name="Convolution">Whether convolutions do.</param>
/// <param name="Attention">Whether attention does, by matrices of subgroups.</param>
/// <param name="WorkgroupAttention">Whether it does by matrices of whole workgroups, which are quicker.</param>
internal sealed record KernelChoice(
    KernelForm Form, bool Linear = false, bool Convolution = false, bool Attention = false, bool WorkgroupAttention = false)
{
    /// <summary>Whether weights are kept as fragments for the matrix units.</summary>
    public bool WeightFragments { get; init; }

    /// <summary>Index in <see cref="MatrixTile.LargeTiles"/> of the tile for large linear layers.</summary>
    public int LinearTile { get; init; }

    /// <summary>Index of the tile for large convolutions.</summary>
    public int ConvolutionTile { get; init; }

    /// <summary>Whether all of it was found out, and is worth remembering.</summary>
    public bool IsComplete { get; init; } = true;

    public MatrixUnit Apply(MatrixUnit unit) => unit with
    {
        Linear = Linear,
        Convolution = Convolution,
        Attention = Attention,
        WorkgroupAttention = WorkgroupAttention,
        WeightFragments = WeightFragments,
        LinearTile = MatrixTile.LargeTiles[LinearTile],
        ConvolutionTile = MatrixTile.LargeTiles[ConvolutionTile],
    };
}
