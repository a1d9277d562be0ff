using System.Collections.Immutable;
using System.Numerics;
using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>A matrix-multiplying shader, the tile of the output that one of its workgroups makes, and what it asks for.</summary>
/// <param name="Shader">Shader name without its type suffix.</param>
/// <param name="TileRows">Rows of the output a workgroup.</param>
/// <param name="TileColumns">Columns of the output a workgroup.</param>
/// <param name="InnerMultiple">What the input's channels must be a multiple of.</param>
/// <param name="RowsFirst">Whether neighbouring workgroups share their columns (a panel of weights) rather than their rows.</param>
/// <param name="ByAddress">Whether it reads input and weight by buffer address.</param>
internal sealed record GemmVariant(
    string Shader, int TileRows, int TileColumns, int InnerMultiple = 1, bool RowsFirst = false, bool ByAddress = false)
{
    private static readonly GemmVariant Linear = new("linear", 64, 64);
    private static readonly GemmVariant LinearUniform = new("linear_uniform", 6, 16, InnerMultiple: 4, RowsFirst: true, ByAddress: true);
    private static readonly GemmVariant LinearLanes = new("linear_lanes", 8, 32, InnerMultiple: 4, RowsFirst: true);
    private static readonly GemmVariant Convolution = new("conv3x3", 64, 64);
    private static readonly GemmVariant ConvolutionUniform = new("conv3x3_uniform", 6, 16, InnerMultiple: 4, RowsFirst: true, ByAddress: true);
    private static readonly GemmVariant ConvolutionLanes = new("conv3x3_lanes", 8, 32, InnerMultiple: 4, RowsFirst: true);

    public const string MatrixLinear = "linear_matrix";

    /// <summary>What the input's channels must be a multiple of for the matrix kernels, which load 16 bytes at a time.</summary>
    private const int MatrixInnerMultiple = 8;

    /// <summary>The specialization constants that belong to the variant, after those of the op.</summary>
    public ImmutableArray<uint> Constants { get; private init; } = [];

    public static GemmVariant ForLinear(KernelProfile profile, long rows, int inner, int columns, MatrixTile? tile = null) =>
        profile.Unit is { Linear: true } unit && inner % MatrixInnerMultiple == 0
            ? ForTile(MatrixLinear, tile ?? MatrixTile.For(unit, rows, columns), unit)
            : Pick(profile.Form, inner, Linear, LinearUniform, LinearLanes);

    public static GemmVariant ForConvolution(KernelProfile profile, long pixels, int inChannels, int outChannels, int phases = 1)
    {
        if (profile.Unit is not { Convolution: true } unit || inChannels % MatrixInnerMultiple != 0)
            return Pick(profile.Form, inChannels, Convolution, ConvolutionUniform, ConvolutionLanes);
        GemmVariant variant = ForTile("conv3x3_matrix", MatrixTile.For(unit, pixels, outChannels, phases), unit);
        return variant with { Constants = [.. variant.Constants, (uint)inChannels] };
    }

    /// <summary>Tiles of rows along one axis, folded over z where it does not hold them; tiles of columns along the other.</summary>
    /// <param name="rows">Rows of the product.</param>
    /// <param name="columns">Columns of the product.</param>
    /// <param name="phases">Products of that size, side by side along the columns.</param>
    public GroupCount Groups(int rows, int columns, int phases = 1)
    {
        GroupCount line = GroupCount.Line((rows + TileRows - 1) / TileRows);
        uint columnTiles = (uint)((columns + TileColumns - 1) / TileColumns * phases);
        return RowsFirst ? new GroupCount(line.X, columnTiles, line.Y) : new GroupCount(columnTiles, line.X, line.Y);
    }

    private static GemmVariant ForTile(string shader, MatrixTile tile, MatrixUnit unit) =>
        new(shader, tile.Rows(unit), tile.Columns(unit), MatrixInnerMultiple) { Constants = tile.Constants(unit) };

    private static GemmVariant Pick(KernelForm form, int inner, GemmVariant portable, GemmVariant uniform, GemmVariant lanes)
    {
        GemmVariant wanted = form switch
        {
            KernelForm.CpuUniform => uniform,
            KernelForm.CpuLanes => lanes,
            _ => portable,
        };
        if (inner % wanted.InnerMultiple != 0)
            return portable;
        return wanted.ByAddress ? wanted with { Constants = [UnrollQuads(inner / wanted.InnerMultiple)] } : wanted;
    }

    /// <summary>
    /// By how many fours of k the loop of a kernel that reads by address is unrolled, which must divide them. 16 is where
    /// more no longer helps.
    /// </summary>
    private static uint UnrollQuads(int quads) => 1u << Math.Min(BitOperations.TrailingZeroCount(quads), 4);
}
