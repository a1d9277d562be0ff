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
        int rows = x.Shape.Rows;
        int columns = y.Shape[-1];
        GemmVariant variant = GemmVariant.ForLinear(profile, rows, x.Shape[-1], columns, tile);
        return new KernelCall(
            $"{variant.Shader}.{profile.SuffixFor(y.Type)}",
            [(uint)activation, bias is null ? 0u : 1u, residual is null ? 0u : 1u, .. variant.Constants],
            [
                new(x, Access.Read), new(weight, Access.Read), new(bias ?? weight, Access.Read),
                new(residual ?? x, Access.Read), new(y, Access.Write),
            ],
            PushConstants.Of(new Push { Rows = (uint)rows, Inner = (uint)x.Shape[-1], Columns = (uint)columns }),
            variant.Groups(rows, columns))
        {
            Addressed = variant.ByAddress ? [0, 1] : [],
        };
    }
}
