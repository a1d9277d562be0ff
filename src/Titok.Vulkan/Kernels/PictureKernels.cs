using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>The last step of decoding: x[B, S, S, 3] to planar fp32 [B, 3, S, S], or to RGBA bytes [B, S, S].</summary>
internal static class PictureKernels
{
    internal struct PlanarPush
    {
        public uint Batch;
        public uint Size;
    }

    internal struct Rgba8Push
    {
        public uint Count;
    }

    public static KernelCall CreateToPlanar(Tensor x, Tensor y) =>
        new("to_planar",
            [],
            [new(x, Access.Read), new(y, Access.Write)],
            PushConstants.Of(new PlanarPush { Batch = (uint)x.Shape[0], Size = (uint)x.Shape[1] }),
            GroupCount.Cover(y.Shape.Count, Elementwise.GroupSize));

    public static KernelCall CreateToRgba8(Tensor x, Tensor y) =>
        new("to_rgba8",
            [],
            [new(x, Access.Read), new(y, Access.Write)],
            PushConstants.Of(new Rgba8Push { Count = (uint)y.Shape.Count }),
            GroupCount.Cover(y.Shape.Count, Elementwise.GroupSize));
}
