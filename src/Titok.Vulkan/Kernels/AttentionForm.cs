namespace Titok.Vulkan.Kernels;

/// <summary>How attention is done on a device with matrix units.</summary>
internal enum AttentionForm
{
    /// <summary>Not by them.</summary>
    Portable,

    /// <summary>By matrices of subgroups, in two passes over the keys: attention_matrix.</summary>
    TwoPasses,

    /// <summary>By matrices of whole workgroups (VK_NV_cooperative_matrix2), in one pass: attention_workgroup.</summary>
    Workgroup,

    /// <summary>By matrices of subgroups whose rows can be reduced (of the same extension), in one pass: attention_subgroup.</summary>
    Subgroup,
}
