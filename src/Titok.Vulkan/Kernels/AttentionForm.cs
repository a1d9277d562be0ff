namespace Titok.Vulkan.Kernels;

/// <summary>How attention is done where products are made in tiles, by matrix units or by multiply-adds.</summary>
internal enum AttentionForm
{
    /// <summary>As everywhere else: attention.</summary>
    Portable,

    /// <summary>By matrices of subgroups, in two passes over the keys: attention_matrix.</summary>
    TwoPasses,

    /// <summary>By matrices whose rows can be reduced (VK_NV_cooperative_matrix2), in one pass: attention_subgroup.</summary>
    Subgroup,

    /// <summary>By Hopper's warpgroup instructions, in one pass: attention_warpgroup. Heads that it does not suit are attended to in two passes.</summary>
    Warpgroup,

    /// <summary>By multiply-adds from shared memory, in one pass: attention_fma.</summary>
    MultiplyAdd,
}
