using System.Collections.Immutable;
using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

internal enum Activation
{
    None,
    Gelu,
    Tanh,
}

/// <summary>y[R, N] = activation(x[R, K] · weightᵀ + bias[N]) + residual[R, N]; the weight lies in panels, or in fragments.</summary>
internal static class LinearKernel
{
    internal struct Push
    {
        public uint Rows;
        public uint Inner;
        public uint Columns;
    }

    internal struct TiledPush
    {
        public uint Rows;
        public uint Inner;
        public uint Columns;
        public float Epsilon;
    }

    /// <summary>The bare product, for whoever measures it.</summary>
    public static KernelCall CreateBare(KernelProfile profile, Tensor x, Tensor weight, Tensor y)
    {
        int inner = x.Shape[-1], columns = y.Shape[-1];
        if (!GemmVariant.SuitsTiledLinear(profile, inner))
            return Create(profile, x, weight, default, y);
        GemmVariant variant = GemmVariant.ForLinear(profile, x.Shape.Rows, inner, columns, weight.Type, mayBeByWarpgroups: true);
        return CreateTiled(profile, variant, x, weight, default, y, default);
    }

    /// <summary>Any kernel but those that multiply in tiles.</summary>
    /// <param name="profile">Kernel profile.</param>
    /// <param name="x">[R, K].</param>
    /// <param name="weight">[N, K] in panels.</param>
    /// <param name="epilogue">Bias, activation, residual.</param>
    /// <param name="y">[R, N].</param>
    public static KernelCall Create(KernelProfile profile, Tensor x, Tensor weight, GemmEpilogue epilogue, Tensor y)
    {
        int rows = x.Shape.Rows, inner = x.Shape[-1], columns = y.Shape[-1];
        GemmVariant variant = GemmVariant.ForLinear(profile, rows, inner, columns, weight.Type);
        return new KernelCall(
            variant.Program(profile, y.Type, weight.Type),
            [(uint)epilogue.Activation, epilogue.Bias is null ? 0u : 1u, epilogue.Residual is null ? 0u : 1u, .. variant.Constants],
            [
                new(x, Access.Read), new(weight, Access.Read), new(epilogue.Bias ?? weight, Access.Read),
                new(epilogue.Residual ?? x, Access.Read), new(y, Access.Write),
            ],
            PushConstants.Of(new Push { Rows = (uint)rows, Inner = (uint)inner, Columns = (uint)columns }),
            variant.Groups(rows, columns))
        {
            Addressed = variant.ByAddress ? [0, 1, 2, 3, 4] : [],
            Operations = 2.0 * y.Shape.Count * inner,
        };
    }

    /// <summary>The product in tiles, with layer norms folded in; only where <see cref="GemmVariant.SuitsTiledLinear"/>.</summary>
    /// <param name="profile">Kernel profile.</param>
    /// <param name="variant">For the product's size.</param>
    /// <param name="x">[R, K].</param>
    /// <param name="weight">[N, K] in panels or fragments, with the input's norm folded in where it has one.</param>
    /// <param name="epilogue">Bias, activation, residual.</param>
    /// <param name="y">[R, N].</param>
    /// <param name="norms">The norms of input and residual, and of who reads y.</param>
    /// <param name="parts">Where its k is split.</param>
    public static KernelCall CreateTiled(
        KernelProfile profile, GemmVariant variant, Tensor x, Tensor weight, GemmEpilogue epilogue, Tensor y, LinearNorms norms,
        JoinedParts? parts = null)
    {
        int rows = x.Shape.Rows, columns = y.Shape[-1];
        variant.Require(x.Shape[-1], columns);
        // What a kernel does not use is bound to something that it reads, or writes, anyway.
        return new KernelCall(
            variant.Program(profile, y.Type, weight.Type),
            [
                (uint)epilogue.Activation, epilogue.Bias is null ? 0u : 1u, epilogue.Residual is null ? 0u : 1u, .. variant.Constants,
                (uint)norms.Input, norms.ResidualStatistics is null ? 0u : 1u, (uint)variant.Parts, variant.WholeSlabs ? 1u : 0u,
                variant.WholeEights ? 1u : 0u, (uint)(norms.InputSpans?.Shape[1] ?? 1), norms.OutputSpans is null ? 0u : 1u,
                .. variant.ThreadBlock is null ? ImmutableArray<uint>.Empty : [y.Type == DataType.Float32 ? 1u : 0u, .. LaunchChain.NoWait],
            ],
            [
                new(x, Access.Read), new(weight, Access.Read), new(epilogue.Bias ?? weight, Access.Read), new(epilogue.Residual ?? x, Access.Read),
                new(y, Access.Write), new(norms.Statistics ?? y, norms.Input == InputNorm.Given ? Access.Read : Access.Write),
                new(norms.ResidualStatistics ?? weight, Access.Read), new(norms.ResidualNorm ?? weight, Access.Read),
                new(norms.InputSpans ?? weight, Access.Read), new(norms.OutputSpans ?? y, Access.Write), .. JoinedParts.Bindings(parts, y),
                .. variant.ThreadBlock is null ? ImmutableArray<Binding>.Empty : LaunchChain.NoCounters(y),
            ],
            PushConstants.Of(new TiledPush { Rows = (uint)rows, Inner = (uint)x.Shape[-1], Columns = (uint)columns, Epsilon = norms.Epsilon }),
            variant.Groups(rows, columns))
        {
            ThreadBlock = variant.ThreadBlock,
            CountedBlocks = variant.MayChain ? variant.Blocks(rows, columns) : null,
            Operations = 2.0 * y.Shape.Count * x.Shape[-1],
        };
    }

    /// <summary>Whether the warpgroup kernels do all of a layer: they gather no statistics, and know GELU alone.</summary>
    public static bool SuitsWarpgroups(Activation activation, LinearNorms norms) =>
        activation != Activation.Tanh && norms.Input != InputNorm.Gathered;
}

/// <summary>How a linear layer comes by the statistics of its input's rows; the kernels' NORM_INPUT.</summary>
internal enum InputNorm
{
    /// <summary>Its input is not normed.</summary>
    None,

    /// <summary>It gathers them, and leaves them for others.</summary>
    Gathered,

    /// <summary>It is given them.</summary>
    Given,

    /// <summary>It merges them from statistics of spans, and leaves them for others.</summary>
    Merged,
}

/// <summary>The layer norms that a linear layer does on the way.</summary>
/// <param name="Input">How it comes by its input's statistics.</param>
/// <param name="Statistics">fp32 [R, 2]: mean and 1/deviation of each input row, whose norm is folded into the weight; null for none.</param>
/// <param name="Epsilon">ε of the input's norm.</param>
/// <param name="ResidualStatistics">fp32 [R, 2], read: those of each residual row, which is normed before it is added; null for none.</param>
/// <param name="ResidualNorm">fp32 [2, N]: weight and bias of the residual's norm.</param>
internal readonly record struct LinearNorms(
    InputNorm Input, Tensor? Statistics, float Epsilon, Tensor? ResidualStatistics, Tensor? ResidualNorm)
{
    /// <summary>
    /// fp32 [R, S, 2], where they are merged: mean, and sum of squared deviations from it, of each of S equal spans of an input row.
    /// </summary>
    public Tensor? InputSpans { get; init; }

    /// <summary>fp32 [R, S, 2], written: those of the output, for a layer that norms it; null for none.</summary>
    public Tensor? OutputSpans { get; init; }
}
