using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>
/// What a group norm over x[B, P, C] has to know of large pictures, in two dispatches: mean and squares of chunks of pixels,
/// then mean and factor of each channel. Many workgroups read the picture at once, side by side.
/// </summary>
internal static class GroupNormPartsKernel
{
    internal struct PartialPush
    {
        public uint Pixels;
        public uint ChunkPixels;
        public uint Chunks;
    }

    internal struct CombinePush
    {
        public uint Batch;
        public uint Pixels;
        public uint Channels;
        public uint Groups;
        public uint ChunkPixels;
        public uint Chunks;
        public uint Parts;
        public float Epsilon;
    }

    /// <summary>Chunks that keep a large GPU busy, and pixels that make one worth a workgroup.</summary>
    private const int EnoughChunks = 256, LeastChunkPixels = 16;

    private const int WorkgroupSize = 128;

    /// <summary>Channels in whole fours a group.</summary>
    public static bool Suits(int channels, int groups) =>
        channels % (4 * groups) == 0 && WorkgroupSize % (channels / 4) == 0 && groups <= WorkgroupSize;

    public static int Chunks(int pixels) => RoundUp.Divide(pixels, ChunkPixels(pixels));

    /// <param name="profile">Kernel profile.</param>
    /// <param name="x">[B, H, W, C].</param>
    /// <param name="partial">fp32 [B, chunks, G, 2]: mean of a chunk, sum of squares of its centred values.</param>
    public static KernelCall CreatePartial(KernelProfile profile, Tensor x, Tensor partial)
    {
        int batch = x.Shape[0], pixels = x.Shape.Rows / batch;
        return new KernelCall(
            $"group_norm_partial.{profile.Suffix}",
            [(uint)x.Shape[-1], (uint)partial.Shape[2]],
            [new(x, Access.Read), new(partial, Access.Write)],
            PushConstants.Of(new PartialPush { Pixels = (uint)pixels, ChunkPixels = (uint)ChunkPixels(pixels), Chunks = (uint)Chunks(pixels) }),
            new GroupCount((uint)Chunks(pixels), 1, (uint)batch));
    }

    /// <param name="partial">fp32 [B, chunks, parts, 2], as <see cref="CreatePartial"/> leaves it; or more parts than groups.</param>
    /// <param name="weight">fp32 [C].</param>
    /// <param name="factors">fp32 [B, 2, C]: mean, then weight/√(variance + ε), of each channel.</param>
    /// <param name="pixels">P.</param>
    /// <param name="chunkPixels">Pixels a chunk; the last may have fewer.</param>
    /// <param name="groups">G.</param>
    /// <param name="epsilon">ε.</param>
    public static KernelCall CreateCombine(Tensor partial, Tensor weight, Tensor factors, int pixels, int chunkPixels, int groups, float epsilon)
    {
        int batch = factors.Shape[0];
        return new KernelCall(
            "group_norm_combine",
            [],
            [new(partial, Access.Read), new(weight, Access.Read), new(factors, Access.Write)],
            PushConstants.Of(new CombinePush
            {
                Batch = (uint)batch,
                Pixels = (uint)pixels,
                Channels = (uint)factors.Shape[2],
                Groups = (uint)groups,
                ChunkPixels = (uint)chunkPixels,
                Chunks = (uint)partial.Shape[1],
                Parts = (uint)partial.Shape[2],
                Epsilon = epsilon,
            }),
            GroupCount.Line((long)batch * groups));
    }

    public static int ChunkPixels(int pixels) => Math.Max(LeastChunkPixels, RoundUp.Divide(pixels, EnoughChunks));
}
