using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>
/// The generator's input y[R, 1+K, C]: the class token, then ids[B, K], embedded, with position and type added. Rows
/// from B on repeat the ids with the class dropped, which is the unconditional half of guidance.
/// </summary>
internal static class EmbedIdsKernel
{
    internal struct Push
    {
        public uint Images;
        public uint Latents;
        public uint Channels;
        public uint ClassOffset;
        public uint DroppedId;
        public uint Rows;
    }

    public static KernelCall Create(
        KernelProfile profile, Tensor ids, Tensor classes, Tensor word, Tensor position, Tensor? type, Tensor y,
        int classOffset, int droppedId) =>
        new($"embed_ids.{profile.Suffix}",
            [type is null ? 0u : 1u],
            [
                new(ids, Access.Read), new(classes, Access.Read), new(word, Access.Read), new(position, Access.Read),
                new(type ?? word, Access.Read), new(y, Access.Write),
            ],
            PushConstants.Of(new Push
            {
                Images = (uint)ids.Shape[0],
                Latents = (uint)ids.Shape[1],
                Channels = (uint)y.Shape[2],
                ClassOffset = (uint)classOffset,
                DroppedId = (uint)droppedId,
                Rows = (uint)y.Shape[0],
            }),
            GroupCount.Cover(y.Shape.Count, Elementwise.GroupSize));
}
