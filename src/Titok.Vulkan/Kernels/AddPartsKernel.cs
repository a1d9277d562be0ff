using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>
/// y[R, N] = activation(Σ parts[p, R, N] + bias[N]) + residual[R, N]: the end of a product whose k was split among workgroups.
/// </summary>
internal static class AddPartsKernel
{
    internal struct Push
    {
        public uint Rows;
        public float Epsilon;
    }

    private const int LeastInvocations = 32, MaxInvocations = 256;

    /// <summary>Only where <see cref="RowQuads.Hold"/>.</summary>
    /// <param name="profile">Kernel profile.</param>
    /// <param name="parts">fp32, P · R · N elements.</param>
    /// <param name="count">P.</param>
    /// <param name="epilogue">What is done to the sums.</param>
    /// <param name="y">[R, N].</param>
    /// <param name="norms">The norm of the residual, and where this row's statistics go.</param>
    public static KernelCall Create(KernelProfile profile, Tensor parts, int count, GemmEpilogue epilogue, Tensor y, LinearNorms norms)
    {
        int rows = y.Shape.Rows, columns = y.Shape[-1];
        uint invocations = LeastInvocations;
        while (4 * invocations < columns && invocations < MaxInvocations)
            invocations *= 2;
        return new KernelCall(
            $"add_parts.{profile.SuffixFor(y.Type)}",
            [
                invocations, (uint)columns, (uint)count, (uint)epilogue.Activation, epilogue.Bias is null ? 0u : 1u, epilogue.Residual is null ? 0u : 1u,
                norms.ResidualStatistics is null ? 0u : 1u, norms.Statistics is null ? 0u : 1u,
            ],
            [
                new(parts, Access.Read), new(epilogue.Bias ?? parts, Access.Read), new(epilogue.Residual ?? parts, Access.Read), new(y, Access.Write),
                new(norms.Statistics ?? y, Access.Write), new(norms.ResidualStatistics ?? parts, Access.Read), new(norms.ResidualNorm ?? parts, Access.Read),
            ],
            PushConstants.Of(new Push { Rows = (uint)rows, Epsilon = norms.Epsilon }),
            GroupCount.Line(rows));
    }
}
