using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>An attention shader and how many queries of one head a workgroup of it answers.</summary>
internal sealed record AttentionVariant(string Shader, int TileQueries)
{
    private static readonly AttentionVariant Portable = new("attention", 32);
    private static readonly AttentionVariant Cpu = new("attention", 32);

    public static AttentionVariant For(KernelProfile profile) => profile.Form == KernelForm.Cpu ? Cpu : Portable;

    public GroupCount Groups(int batch, int tokens, int heads) =>
        new((uint)((tokens + TileQueries - 1) / TileQueries), (uint)heads, (uint)batch);
}
