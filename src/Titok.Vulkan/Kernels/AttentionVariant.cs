using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>An attention shader and how many queries of one head a workgroup of it answers.</summary>
/// <param name="Shader">Shader name without its type suffix.</param>
/// <param name="TileQueries">Queries a workgroup.</param>
/// <param name="HeadMultiple">What a head's channels must be a multiple of.</param>
/// <param name="IsSpecialized">Whether it is compiled for the head's channels.</param>
internal sealed record AttentionVariant(string Shader, int TileQueries, int HeadMultiple = 1, bool IsSpecialized = false)
{
    private static readonly AttentionVariant Portable = new("attention", 32);
    private static readonly AttentionVariant Lanes = new("attention_lanes", 8, HeadMultiple: 4, IsSpecialized: true);

    public static AttentionVariant For(KernelProfile profile, int headDim) =>
        profile.Form != KernelForm.Portable && headDim % Lanes.HeadMultiple == 0 ? Lanes : Portable;

    public GroupCount Groups(int batch, int tokens, int heads) =>
        new((uint)((tokens + TileQueries - 1) / TileQueries), (uint)heads, (uint)batch);
}
