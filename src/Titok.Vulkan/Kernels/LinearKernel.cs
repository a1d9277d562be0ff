using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

internal enum Activation
{
    None,
    Gelu,
    Tanh,
}

/// <summary>y[R, N] = activation(x[R, K] · weightᵀ + bias[N]) + residual[R, N]; the weight lies in panels.</summary>
internal static class LinearKernel
{
    internal struct Push
    {
        public uint Rows;
        public uint Inner;
        public uint Columns;
    }

    internal struct MatrixPush
    {
        public uint Rows;
        public uint Inner;
        public uint Columns;
        public float Epsilon;
    }

    /// <param name="profile">Kernel profile.</param>
    /// <param name="x">[R, K].</param>
    /// <param name="weight">[N, K] in panels.</param>
    /// <param name="bias">fp32 [N].</param>
    /// <param name="residual">[R, N].</param>
    /// <param name="y">[R, N].</param>
    /// <param name="activation">After the bias, before the residual.</param>
    /// <param name="tile">The matrix kernel's tile, for whoever compares them; null for the one that suits the size.</param>
    public static KernelCall Create(
        KernelProfile profile, Tensor x, Tensor weight, Tensor? bias, Tensor? residual, Tensor y, Activation activation,
        MatrixTile? tile = null)
    {
        int rows = x.Shape.Rows, inner = x.Shape[-1], columns = y.Shape[-1];
        GemmVariant variant = GemmVariant.ForLinear(profile, rows, inner, columns, tile);
        if (variant.Shader == GemmVariant.MatrixLinear)
            return CreateMatrix(profile, variant, x, weight, bias, residual, y, activation, default);
        return new KernelCall(
            $"{variant.Shader}.{profile.SuffixFor(y.Type)}",
            [(uint)activation, bias is null ? 0u : 1u, residual is null ? 0u : 1u, .. variant.Constants],
            [
                new(x, Access.Read), new(weight, Access.Read), new(bias ?? weight, Access.Read),
                new(residual ?? x, Access.Read), new(y, Access.Write),
            ],
            PushConstants.Of(new Push { Rows = (uint)rows, Inner = (uint)inner, Columns = (uint)columns }),
            variant.Groups(rows, columns))
        {
            Addressed = variant.ByAddress ? [0, 1] : [],
        };
    }

    /// <summary>As <see cref="Create"/>, with layer norms folded in; only where <see cref="CanFoldNorm"/>.</summary>
    public static KernelCall CreateFolded(
        KernelProfile profile, Tensor x, Tensor weight, Tensor? bias, Tensor? residual, Tensor y, Activation activation, LinearNorms norms) =>
        CreateMatrix(
            profile, GemmVariant.ForLinear(profile, x.Shape.Rows, x.Shape[-1], y.Shape[-1]), x, weight, bias, residual, y, activation, norms);

    /// <summary>Whether the kernel for this input can take it before its layer norm.</summary>
    public static bool CanFoldNorm(KernelProfile profile, Tensor x, int columns) =>
        GemmVariant.ForLinear(profile, x.Shape.Rows, x.Shape[-1], columns).Shader == GemmVariant.MatrixLinear;

    private static KernelCall CreateMatrix(
        KernelProfile profile, GemmVariant variant, Tensor x, Tensor weight, Tensor? bias, Tensor? residual, Tensor y, Activation activation,
        LinearNorms norms)
    {
        int rows = x.Shape.Rows, columns = y.Shape[-1];
        // What a kernel does not use is bound to something that it reads, or writes, anyway.
        return new KernelCall(
            $"{variant.Shader}.{profile.SuffixFor(y.Type)}",
            [
                (uint)activation, bias is null ? 0u : 1u, residual is null ? 0u : 1u, .. variant.Constants,
                norms.Statistics is null ? 0u : 1u, norms.ResidualStatistics is null ? 0u : 1u,
            ],
            [
                new(x, Access.Read), new(weight, Access.Read), new(bias ?? weight, Access.Read), new(residual ?? x, Access.Read),
                new(y, Access.Write), new(norms.Statistics ?? y, Access.Write), new(norms.ResidualStatistics ?? weight, Access.Read),
                new(norms.ResidualNorm ?? weight, Access.Read),
            ],
            PushConstants.Of(new MatrixPush { Rows = (uint)rows, Inner = (uint)x.Shape[-1], Columns = (uint)columns, Epsilon = norms.Epsilon }),
            variant.Groups(rows, columns));
    }
}

/// <summary>The layer norms that a linear layer does on the way.</summary>
/// <param name="Statistics">fp32 [R, 2], written: mean and 1/deviation of each input row, whose norm is folded into the weight; null for none.</param>
/// <param name="Epsilon">ε of the input's norm.</param>
/// <param name="ResidualStatistics">fp32 [R, 2], read: those of each residual row, which is normed before it is added; null for none.</param>
/// <param name="ResidualNorm">fp32 [2, N]: weight and bias of the residual's norm.</param>
internal readonly record struct LinearNorms(Tensor? Statistics, float Epsilon, Tensor? ResidualStatistics, Tensor? ResidualNorm);
