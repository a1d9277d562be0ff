using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>statistics[R, 2] = mean and 1/deviation of the rows of x[R, C], for products that norm them.</summary>
internal static class RowStatisticsKernel
{
    internal struct Push
    {
        public uint Rows;
        public float Epsilon;
    }

    private const uint Invocations = 64;

    /// <summary>Only where <see cref="RowQuads.Hold"/>.</summary>
    public static KernelCall Create(KernelProfile profile, Tensor x, Tensor statistics, float epsilon) =>
        new(
            $"row_statistics.{profile.Suffix}",
            [Invocations, (uint)x.Shape[-1]],
            [new(x, Access.Read), new(statistics, Access.Write)],
            PushConstants.Of(new Push { Rows = (uint)x.Shape.Rows, Epsilon = epsilon }),
            GroupCount.Line(x.Shape.Rows));
}
