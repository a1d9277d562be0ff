using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Engine;

/// <summary>Tells in words which kernels a device is given, for its log and errors.</summary>
internal static class KernelReport
{
    public static string Describe(KernelProfile profile)
    {
        string kernels = Name(profile.Form);
        return profile.Unit is not { } unit
            ? $"{kernels} in {profile.Suffix}"
            : $"{kernels} in {profile.Suffix}: linear layers {By(unit.Linear, unit, unit.LinearTile, unit.LinearBlocks, WarpgroupBlock.Linears)}, "
                + $"convolutions {By(unit.Convolution, unit, unit.ConvolutionTile, unit.ConvolutionBlocks, WarpgroupBlock.Convolutions)}, "
                + $"attention {Name(unit.ShortAttention)} over few tokens and {Name(unit.LongAttention)} over many"
                + (unit.ChainsLaunches ? "; launches of few rows in chains" : "");
    }

    /// <summary>What a form is called.</summary>
    public static string Name(KernelForm form) => form switch
    {
        KernelForm.CpuUniform => "CPU kernels with loads by address",
        KernelForm.CpuLanes => "CPU kernels with loads by lane",
        KernelForm.Matrix => "cooperative-matrix kernels",
        KernelForm.MultiplyAdd => "multiply-add kernels",
        _ => "portable kernels",
    };

    private static string By(bool isUsed, GemmUnit unit, GemmTile? tile, int blocks, IReadOnlyList<WarpgroupBlock> all)
    {
        if (!isUsed)
            return "by the portable kernels";
        string tiles = tile is null ? "in tiles" : $"in tiles of up to {tile.Rows(unit)}x{tile.Columns(unit)}";
        string[] warpgroups = [.. all.Where((_, index) => (blocks >> index & 1) != 0).Select(block => $"{block.Rows}x{block.Columns}")];
        return warpgroups.Length == 0 ? tiles : $"{tiles} or by warpgroups in {string.Join(", ", warpgroups)}";
    }

    private static string Name(AttentionForm form) => form switch
    {
        AttentionForm.TwoPasses => "in two passes",
        AttentionForm.Subgroup => "in one pass",
        AttentionForm.Warpgroup => "by warpgroups",
        AttentionForm.MultiplyAdd => "by multiply-adds",
        _ => "by the portable kernel",
    };
}
