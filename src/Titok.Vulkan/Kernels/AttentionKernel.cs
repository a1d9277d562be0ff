using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>y[B, T, C] = softmax(q kᵀ / √D) v for every head of qkv[B, T, 3C]; channel = head · D + d.</summary>
internal static class AttentionKernel
{
    internal struct Push
    {
        public uint Tokens;
        public uint Heads;
    }

    public static KernelCall Create(KernelProfile profile, Tensor qkv, Tensor y, int heads)
    {
        int batch = y.Shape[0], tokens = y.Shape[1], headDim = y.Shape[2] / heads;
        AttentionVariant variant = AttentionVariant.For(profile, tokens, headDim, batch * heads);
        GroupCount groups = variant.Groups(batch, tokens, heads);
        bool mayChain = variant.ThreadBlock is not null;
        return new KernelCall(
            $"{variant.Shader}.{profile.Suffix}",
            [.. variant.Constants, .. mayChain ? LaunchChain.NoWait : []],
            [new(qkv, Access.Read), new(y, Access.Write), .. mayChain ? LaunchChain.NoCounters(y) : []],
            PushConstants.Of(new Push { Tokens = (uint)tokens, Heads = (uint)heads }),
            groups)
        {
            Addressed = variant.ByAddress ? [0] : [],
            ThreadBlock = variant.ThreadBlock,
            CountedBlocks = mayChain ? (int)(groups.X * groups.Y * groups.Z) : null,
            // Every token of a sequence meets all others, once as a query and once for its value.
            Operations = 4.0 * y.Shape.Count * tokens,
        };
    }
}
