using System.Collections.Immutable;
using System.Numerics;
using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>A kernel that multiplies matrices, the tile of the output that one of its workgroups makes, and what it asks for.</summary>
/// <param name="Shader">Shader name without its type suffix; of a warpgroup kernel, the op.</param>
/// <param name="TileRows">Rows of the output a workgroup.</param>
/// <param name="TileColumns">Columns of the output a workgroup.</param>
/// <param name="InnerMultiple">What the input's channels must be a multiple of.</param>
/// <param name="RowsFirst">Whether neighbouring workgroups share their columns (a panel of weights) rather than their rows.</param>
/// <param name="ByAddress">Whether it reads and writes by buffer address.</param>
/// <param name="Parts">Workgroups that k is split among.</param>
internal sealed record GemmVariant(
    string Shader, int TileRows, int TileColumns, int InnerMultiple = 1, bool RowsFirst = false, bool ByAddress = false, int Parts = 1)
{
    private static readonly GemmVariant Linear = new("linear", 64, 64);
    private static readonly GemmVariant LinearUniform = new("linear_uniform", 6, 16, InnerMultiple: 4, RowsFirst: true, ByAddress: true);
    private static readonly GemmVariant LinearLanes = new("linear_lanes", 8, 32, InnerMultiple: 4, RowsFirst: true);
    private static readonly GemmVariant Convolution = new("conv3x3", 64, 64);
    private static readonly GemmVariant ConvolutionUniform = new("conv3x3_uniform", 6, 16, InnerMultiple: 4, RowsFirst: true, ByAddress: true);
    private static readonly GemmVariant ConvolutionLanes = new("conv3x3_lanes", 8, 32, InnerMultiple: 4, RowsFirst: true);

    /// <summary>What the input's channels must be a multiple of for the matrix kernels, which load 16 bytes at a time.</summary>
    private const int TiledInnerMultiple = 8;

    private const int EightColumns = 8;

    /// <summary>The specialization constants that belong to the variant, after those of the op.</summary>
    public ImmutableArray<uint> Constants { get; private init; } = [];

    /// <summary>Whether the output's columns are a multiple of eight, which the kernels that make tiles write at a time.</summary>
    public bool WholeEights { get; private init; }

    /// <summary>Whether k ends with a slab of the variant's tile.</summary>
    public bool WholeSlabs { get; private init; }

    /// <summary>What its kernel is told at launch, where that is one of the warpgroup kernels; null for shaders.</summary>
    public ThreadBlock? ThreadBlock => WarpgroupBlock?.Threads;

    /// <summary>Whether its launches can follow others without a barrier: those for few rows, which are over soon.</summary>
    public bool MayChain => WarpgroupBlock is { MayJoin: true };

    /// <summary>Whether it is a kernel that multiplies in tiles (<see cref="GemmTile"/>).</summary>
    public bool IsByTile { get; private init; }

    private WarpgroupBlock? WarpgroupBlock { get; init; }

    /// <summary>Bytes of a row of the input, where neighbouring workgroups share their columns.</summary>
    private int RowSizeInBytes { get; init; }

    /// <summary>Whether linear layers of this input are made in tiles, by matrix units or what takes their place.</summary>
    public static bool SuitsTiledLinear(KernelProfile profile, int inner) => profile.Unit is { Linear: true } && inner % TiledInnerMultiple == 0;

    /// <summary>Whether convolutions of that many channels are.</summary>
    private static bool SuitsTiledConvolution(KernelProfile profile, int inChannels) =>
        profile.Unit is { Convolution: true } && inChannels % TiledInnerMultiple == 0;

    /// <summary>The fragments that a linear layer's weight is kept in; null where it stays in panels.</summary>
    public static GemmUnit? LinearFragments(KernelProfile profile, int inner, DataType weight) =>
        SuitsTiledLinear(profile, inner) && profile.Unit?.For(inner, weight) is { WeightFragments: true } unit ? unit : null;

    /// <summary>The same of a convolution's.</summary>
    public static GemmUnit? ConvolutionFragments(KernelProfile profile, int inChannels, int taps) =>
        SuitsTiledConvolution(profile, inChannels) && profile.Unit?.For(taps * inChannels, profile.Activation) is { WeightFragments: true } unit ? unit : null;

    /// <param name="profile">Kernel profile.</param>
    /// <param name="rows">Rows of the product.</param>
    /// <param name="inner">Its k.</param>
    /// <param name="columns">Columns of the product.</param>
    /// <param name="weight">How the weight is kept.</param>
    /// <param name="plan">A matrix kernel's tile, for whoever compares them; null for the one that suits the size.</param>
    /// <param name="mayPart">Whether k may be split among workgroups.</param>
    /// <param name="mayBeByWarpgroups">Whether a warpgroup kernel does all that the layer does.</param>
    public static GemmVariant ForLinear(
        KernelProfile profile, long rows, int inner, int columns, DataType weight, TilePlan? plan = null, bool mayPart = false,
        bool mayBeByWarpgroups = false)
    {
        if (profile.Unit?.For(inner, weight) is not { } unit || !SuitsTiledLinear(profile, inner))
            return Pick(profile, inner, columns, Linear, LinearUniform, LinearLanes);
        TilePlan tile = plan ?? GemmTiles.For(unit, rows, columns, inner, unit.LinearTile, mayPart: mayPart);
        return mayBeByWarpgroups && WarpgroupBlock.Suits(unit) && WarpgroupBlock.ForLinear(unit, rows, columns, inner, mayPart, tile) is var (block, parts)
            ? ForWarpgroups("linear", block, parts)
            : ForTile("linear", tile, unit, inner, columns);
    }

    /// <summary>The same for a 3×3 convolution, whose pixels are the rows; one behind a doubling is a product for each phase.</summary>
    public static GemmVariant ForConvolution(
        KernelProfile profile, long pixels, int inChannels, int outChannels, int taps = 9, int phases = 1, TilePlan? plan = null,
        bool mayBeByWarpgroups = false)
    {
        if (profile.Unit?.For(taps * inChannels, profile.Activation) is not { } unit || !SuitsTiledConvolution(profile, inChannels))
            return Pick(profile, inChannels, outChannels, Convolution, ConvolutionUniform, ConvolutionLanes);
        TilePlan tile = plan ?? GemmTiles.For(
            unit, pixels, outChannels, taps * inChannels, unit.ConvolutionTile, phases);
        if (mayBeByWarpgroups && WarpgroupBlock.Suits(unit)
            && WarpgroupBlock.ForConvolution(unit, pixels, inChannels, taps, outChannels, phases, tile) is { } block)
            return ForWarpgroups("conv3x3", block);
        GemmVariant variant = ForTile("conv3x3", tile, unit, taps * inChannels, outChannels);
        return variant with { Constants = [.. variant.Constants, (uint)inChannels, (uint)variant.Parts, variant.WholeEights ? 1u : 0u] };
    }

    /// <summary>An op by a warpgroup kernel, whatever the number of rows.</summary>
    public static GemmVariant ForWarpgroups(string op, WarpgroupBlock block, int parts = 1) =>
        new(op, block.Rows, block.Columns, Parts: parts) { WholeSlabs = true, WholeEights = true, WarpgroupBlock = block };

    /// <summary>Throws where its block does not make such a product, or convolution of such channels: a warpgroup kernel's loop would not end.</summary>
    public void Require(int inner, int columns)
    {
        if (WarpgroupBlock is { } block && !(inner % Parts == 0 && block.SuitsProduct(inner / Parts, columns)))
            throw new ArgumentException($"k, or channels, of {inner} in {Parts} parts and {columns} columns do not suit {block}");
    }

    /// <summary>The kernel, by what it stores and how it is given its weight.</summary>
    public string Program(KernelProfile profile, DataType output, DataType weight) =>
        WarpgroupBlock?.Program(Shader) ?? $"{Shader}.{profile.SuffixFor(output, weight)}";

    /// <summary>
    /// Tiles of rows along one axis, folded over z where it does not hold them, or in blocks; tiles of columns along the other.
    /// </summary>
    /// <param name="rows">Rows of the product.</param>
    /// <param name="columns">Columns of the product.</param>
    /// <param name="phases">Products of that size, side by side along the columns.</param>
    public GroupCount Groups(int rows, int columns, int phases = 1)
    {
        uint columnTiles = (uint)(RoundUp.Divide(columns, TileColumns) * phases);
        if (Parts > 1)
            return new GroupCount(columnTiles, (uint)RoundUp.Divide(rows, TileRows), (uint)Parts);
        if (RowsFirst)
        {
            var blocks = RowBlocks.Of(rows, TileRows, RowSizeInBytes);
            return new GroupCount((uint)blocks.Tiles, columnTiles, (uint)blocks.Count);
        }
        GroupCount line = GroupCount.Line(RoundUp.Divide(rows, TileRows));
        return new GroupCount(columnTiles, line.X, line.Y);
    }

    /// <summary>Blocks that such a product is made of, one a workgroup where k is whole.</summary>
    public int Blocks(int rows, int columns, int phases = 1) =>
        RoundUp.Divide(rows, TileRows) * RoundUp.Divide(columns, TileColumns) * phases;

    /// <summary>
    /// Equal spans of a row by which the kernel can leave statistics of it, one a tile: a warpgroup kernel can, and one that joins parts.
    /// 0 where it can't, or the last span would be shorter.
    /// </summary>
    public int SpansOf(int columns)
    {
        if (WarpgroupBlock is null && Parts == 1)
            return 0;
        return columns % TileColumns == 0 ? columns / TileColumns : columns < TileColumns && columns % EightColumns == 0 ? 1 : 0;
    }

    private static GemmVariant ForTile(string op, TilePlan plan, GemmUnit unit, int inner, int columns) =>
        new($"{op}_{(unit.Form == KernelForm.Matrix ? "matrix" : "fma")}", plan.Tile.Rows(unit), plan.Tile.Columns(unit), TiledInnerMultiple, Parts: plan.Parts)
        {
            IsByTile = true,
            Constants = plan.Tile.Constants(unit),
            WholeSlabs = inner % plan.Tile.Inner(unit) == 0,
            WholeEights = columns % EightColumns == 0,
        };

    private static GemmVariant Pick(KernelProfile profile, int inner, int columns, GemmVariant portable, GemmVariant uniform, GemmVariant lanes)
    {
        GemmVariant wanted = profile.Form switch
        {
            KernelForm.CpuUniform => uniform,
            KernelForm.CpuLanes => lanes,
            _ => portable,
        };
        if (inner % wanted.InnerMultiple != 0)
            return portable;
        return wanted with
        {
            RowSizeInBytes = inner * profile.Activation.SizeInBytes(),
            Constants = wanted.ByAddress ? [columns % wanted.TileColumns == 0 ? 1u : 0u, UnrollQuads(inner / wanted.InnerMultiple)] : [],
        };
    }

    /// <summary>
    /// By how many fours of k the loop of a kernel that reads by address is unrolled, which must divide them. 32 is where
    /// more no longer helps: the loop has to stay in a core's cache of instructions.
    /// </summary>
    public static uint UnrollQuads(int quads) => 1u << Math.Min(BitOperations.TrailingZeroCount(quads), 5);
}
