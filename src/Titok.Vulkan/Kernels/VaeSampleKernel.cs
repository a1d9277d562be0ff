using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>y[R, C] = mean + exp(½ log-variance) · noise from parameters[R, 2C], or the mean alone.</summary>
internal static class VaeSampleKernel
{
    internal struct Push
    {
        public uint Rows;
        public uint Latents;
        public uint Channels;
    }

    public static KernelCall Create(Tensor parameters, Tensor seeds, Tensor y, bool sample) =>
        new("vae_sample",
            [sample ? 1u : 0u],
            [new(parameters, Access.Read), new(seeds, Access.Read), new(y, Access.Write)],
            PushConstants.Of(new Push { Rows = (uint)y.Shape.Rows, Latents = (uint)y.Shape[1], Channels = (uint)y.Shape[2] }),
            GroupCount.Cover(y.Shape.Count, Elementwise.GroupSize));
}
