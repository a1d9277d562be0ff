using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Engine;

/// <summary>What was found out about a device: the form of its kernels, and which ops its matrix units, or what takes their place, get right.</summary>
/// <param name="Form">Family of kernels.</param>
/// <param name="Linear">Whether linear layers go to them.</param>
/// <param name="Convolution">Whether convolutions do.</param>
internal sealed record KernelChoice(KernelForm Form, bool Linear = false, bool Convolution = false)
{
    /// <summary>The form of attention over few tokens.</summary>
    public AttentionForm ShortAttention { get; init; }

    /// <summary>The form of attention over more of them.</summary>
    public AttentionForm LongAttention { get; init; }

    /// <summary>Whether weights are kept as fragments for the matrix units.</summary>
    public bool WeightFragments { get; init; }

    /// <summary>Index in <see cref="GemmTile.LargeTiles"/> of the tile for large linear layers.</summary>
    public int LinearTile { get; init; }

    /// <summary>Index of the tile for large convolutions.</summary>
    public int ConvolutionTile { get; init; }

    /// <summary>Which of the warpgroup kernels' blocks linear layers may be made of, a bit each (<see cref="WarpgroupBlock.Linears"/>).</summary>
    public int LinearBlocks { get; init; }

    /// <summary>Which of them convolutions may be made of (<see cref="WarpgroupBlock.Convolutions"/>).</summary>
    public int ConvolutionBlocks { get; init; }

    /// <summary>Whether all of it was found out, and is worth remembering.</summary>
    public bool IsComplete { get; init; } = true;

    public GemmUnit Apply(GemmUnit unit) => unit.WithFragments(WeightFragments && unit.MayKeepFragments) with
    {
        Linear = Linear,
        Convolution = Convolution,
        ShortAttention = ShortAttention,
        LongAttention = LongAttention,
        LinearTile = GemmTile.LargeTiles[LinearTile],
        ConvolutionTile = GemmTile.LargeTiles[ConvolutionTile],
        LinearBlocks = LinearBlocks,
        ConvolutionBlocks = ConvolutionBlocks,
    };
}
