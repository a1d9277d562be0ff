using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>How a pixel lies in a buffer.</summary>
internal enum PixelFormat
{
    /// <summary>Four bytes: red, green, blue, 255 (written) or anything (read).</summary>
    Rgba8,

    /// <summary>Four bytes: blue, green, red, and the fourth as above.</summary>
    Bgra8,

    /// <summary>Four fp16: red, green, blue, 1 (written) or anything (read).</summary>
    Rgba16Float,
}

/// <summary>The last steps of decoding: x[B, S, S, 3] to planar fp32 [B, 3, S, S], and that to pixels [B, S, S]; and back from pixels.</summary>
internal static class PictureKernels
{
    internal struct PlanarPush
    {
        public uint Batch;
        public uint Size;
    }

    internal struct PixelsPush
    {
        public uint Batch;
        public uint Size;
    }

    public static KernelCall CreateToPlanar(Tensor x, Tensor y) =>
        new("to_planar",
            [],
            [new(x, Access.Read), new(y, Access.Write)],
            PushConstants.Of(new PlanarPush { Batch = (uint)x.Shape[0], Size = (uint)x.Shape[1] }),
            GroupCount.Cover(y.Shape.Count, Elementwise.GroupSize));

    public static KernelCall CreateToPixels(Tensor x, Tensor y, PixelFormat format, bool linear) =>
        CreatePixels("to_pixels", x, y, planes: x, format, linear);

    public static KernelCall CreateFromPixels(Tensor x, Tensor y, PixelFormat format, bool linear) =>
        CreatePixels("from_pixels", x, y, planes: y, format, linear);

    private static KernelCall CreatePixels(string program, Tensor x, Tensor y, Tensor planes, PixelFormat format, bool linear) =>
        new(program,
            [(uint)format, linear ? 1u : 0u],
            [new(x, Access.Read), new(y, Access.Write)],
            PushConstants.Of(new PixelsPush { Batch = (uint)planes.Shape[0], Size = (uint)planes.Shape[3] }),
            GroupCount.Cover(planes.Shape.Count / 3, Elementwise.GroupSize));
}
