using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>y[R, N] = softmax of fp32 x[R, N] over each row.</summary>
internal static class SoftmaxKernel
{
    internal struct Push
    {
        public uint Rows;
        public uint Columns;
    }

    public static KernelCall Create(KernelProfile profile, Tensor x, Tensor y) =>
        new($"softmax.{profile.Suffix}",
            [],
            [new(x, Access.Read), new(y, Access.Write)],
            PushConstants.Of(new Push { Rows = (uint)x.Shape.Rows, Columns = (uint)x.Shape[-1] }),
            GroupCount.Line(x.Shape.Rows));
}
