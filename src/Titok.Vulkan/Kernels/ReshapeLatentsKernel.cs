using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>
/// The legacy models' reshape: the [K, W] block of an image is read as [W, K], so that channel w of latent k is flat
/// element w·K + k. y[b, k, w] = x[b].flat[w·K + k].
/// </summary>
internal static class ReshapeLatentsKernel
{
    internal struct Push
    {
        public uint Batch;
        public uint Latents;
        public uint Width;
    }

    public static KernelCall Create(KernelProfile profile, Tensor x, Tensor y) =>
        new($"reshape_latents.{profile.Suffix}",
            [],
            [new(x, Access.Read), new(y, Access.Write)],
            PushConstants.Of(new Push { Batch = (uint)x.Shape[0], Latents = (uint)x.Shape[1], Width = (uint)x.Shape[2] }),
            GroupCount.Cover(x.Shape.Count, Elementwise.GroupSize));
}
