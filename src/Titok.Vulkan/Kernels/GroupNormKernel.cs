using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>Group norm over x[B, P, C] in two dispatches: mean and factor of each channel, then y.</summary>
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
    }

    internal struct QuadsPush
    {
        public uint Pixels;
    }

    /// <param name="profile">Kernel profile.</param>
    /// <param name="x">[B, H, W, C].</param>
    /// <param name="weight">fp32 [C].</param>
    /// <param name="factors">fp32 [B, 2, C]: mean, then weight/√(variance + ε), of each channel.</param>
    /// <param name="groups">G.</param>
    /// <param name="epsilon">ε.</param>
    public static KernelCall CreateStatistics(KernelProfile profile, Tensor x, Tensor weight, Tensor factors, int groups, float epsilon)
    {
        int batch = x.Shape[0];
        return new KernelCall(
            $"group_norm_statistics.{profile.Suffix}",
            [],
            [new(x, Access.Read), new(weight, Access.Read), new(factors, Access.Write)],
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

    public static KernelCall CreateApply(KernelProfile profile, Tensor x, Tensor factors, Tensor bias, Tensor y, bool silu)
    {
        int batch = x.Shape[0], pixels = x.Shape.Rows / batch, channels = x.Shape[-1];
        bool quads = channels % 4 == 0;
        return new KernelCall(
            $"{(quads ? "group_norm_quads" : "group_norm_apply")}.{profile.Suffix}",
            quads ? [silu ? 1u : 0u, (uint)channels] : [silu ? 1u : 0u],
            [new(x, Access.Read), new(factors, Access.Read), new(bias, Access.Read), new(y, Access.Write)],
            quads
                ? PushConstants.Of(new QuadsPush { Pixels = (uint)pixels })
                : PushConstants.Of(new ApplyPush { Batch = (uint)batch, Pixels = (uint)pixels, Channels = (uint)channels }),
            quads
                ? GroupCount.Cover((long)pixels * channels / 4, Elementwise.GroupSize) with { Z = (uint)batch }
                : GroupCount.Cover(x.Shape.Count, Elementwise.GroupSize));
    }
}
