using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>
/// The sequence that a transformer of the tokenizer works on, y[B, 1+P+K, C]: class embedding, patches, latents, each
/// with its position added. In the encoder x is the patches and the latents are constant; in the decoder x is the
/// latents and every patch is the mask token.
/// </summary>
internal static class AssembleTokensKernel
{
    internal struct Push
    {
        public uint Batch;
        public uint Patches;
        public uint Latents;
        public uint Channels;
    }

    public static KernelCall Create(
        KernelProfile profile, bool decoder, Tensor x, Tensor classEmbedding, Tensor constantTokens, Tensor position,
        Tensor latentPosition, Tensor y)
    {
        int latents = latentPosition.Shape[0];
        return new KernelCall(
            $"assemble_tokens.{profile.Suffix}",
            [decoder ? 1u : 0u],
            [
                new(x, Access.Read), new(classEmbedding, Access.Read), new(constantTokens, Access.Read),
                new(position, Access.Read), new(latentPosition, Access.Read), new(y, Access.Write),
            ],
            PushConstants.Of(new Push
            {
                Batch = (uint)y.Shape[0],
                Patches = (uint)(y.Shape[1] - 1 - latents),
                Latents = (uint)latents,
                Channels = (uint)y.Shape[2],
            }),
            GroupCount.Cover(y.Shape.Count, Elementwise.GroupSize));
    }
}
