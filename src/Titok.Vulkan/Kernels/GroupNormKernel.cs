using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>Group norm over x[B, P, C] in two dispatches: mean and 1/√(variance + ε) per group, then y.</summary>
internal static class GroupNormKernel
{
    internal struct StatisticsPush
    {
        public uint Batch;
        public uint Pixels;
        public uint Channels;
        public uint Groups;
        public float Epsilon;
    }

    internal struct ApplyPush
    {
        public uint Batch;
        public uint Pixels;
        public uint Channels;
        public uint Groups;
    }

    /// <param name="profile">Kernel profile.</param>
    /// <param name="x">[B, H, W, C].</param>
    /// <param name="statistics">fp32 [B, G, 2]: mean, then 1/√(variance + ε).</param>
    /// <param name="epsilon">ε.</param>
    public static KernelCall CreateStatistics(KernelProfile profile, Tensor x, Tensor statistics, float epsilon)
    {
        int batch = x.Shape[0], groups = statistics.Shape[1];
        return new KernelCall(
            $"group_norm_statistics.{profile.Suffix}",
            [],
            [new(x, Access.Read), new(statistics, Access.Write)],
            PushConstants.Of(new StatisticsPush
            {
                Batch = (uint)batch,
                Pixels = (uint)(x.Shape.Rows / batch),
                Channels = (uint)x.Shape[-1],
                Groups = (uint)groups,
                Epsilon = epsilon,
            }),
            GroupCount.Line((long)batch * groups));
    }

    public static KernelCall CreateApply(
        KernelProfile profile, Tensor x, Tensor statistics, Tensor weight, Tensor bias, Tensor y, bool silu)
    {
        int batch = x.Shape[0];
        return new KernelCall(
            $"group_norm_apply.{profile.Suffix}",
            [silu ? 1u : 0u],
            [
                new(x, Access.Read), new(statistics, Access.Read), new(weight, Access.Read), new(bias, Access.Read),
                new(y, Access.Write),
            ],
            PushConstants.Of(new ApplyPush
            {
                Batch = (uint)batch,
                Pixels = (uint)(x.Shape.Rows / batch),
                Channels = (uint)x.Shape[-1],
                Groups = (uint)statistics.Shape[1],
            }),
            GroupCount.Cover(x.Shape.Count, Elementwise.GroupSize));
    }
}
