using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>
/// Patches of pictures as rows of a matrix and back: <c>patchify</c> takes planar pictures [B, 3, S, S] to
/// [B, P, 3p²] in the order (c, ky, kx); <c>unpatchify</c> takes [B, P, 3p²] in the order (p1 p2 c) to [B, S, S, 3].
/// </summary>
internal static class PatchKernels
{
    internal struct Push
    {
        public uint Batch;
        public uint Size;
        public uint Patch;
    }

    public static KernelCall CreatePatchify(KernelProfile profile, Tensor image, Tensor y, int patch) =>
        Create($"patchify.{profile.Suffix}", image, y, image.Shape[0], image.Shape[3], patch);

    public static KernelCall CreateUnpatchify(KernelProfile profile, Tensor x, Tensor y, int patch) =>
        Create($"unpatchify.{profile.Suffix}", x, y, y.Shape[0], y.Shape[2], patch);

    private static KernelCall Create(string program, Tensor x, Tensor y, int batch, int size, int patch) =>
        new(program,
            [],
            [new(x, Access.Read), new(y, Access.Write)],
            PushConstants.Of(new Push { Batch = (uint)batch, Size = (uint)size, Patch = (uint)patch }),
            GroupCount.Cover(y.Shape.Count, Elementwise.GroupSize));
}
