using System.Collections.Immutable;
using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>An attention shader and how many queries of one head a workgroup of it answers.</summary>
/// <param name="Shader">Shader name without its type suffix.</param>
/// <param name="TileQueries">Queries a workgroup.</param>
/// <param name="Constants">Specialization constants.</param>
/// <param name="ByAddress">Whether it reads keys and values by buffer address.</param>
internal sealed record AttentionVariant(string Shader, int TileQueries, ImmutableArray<uint> Constants, bool ByAddress = false)
{
    private const int CpuHeadMultiple = 4;

    /// <summary>Keys that a workgroup of the matrix kernel has in shared memory at a time.</summary>
    private const int MatrixKeys = 32;

    /// <summary>Most subgroups of queries that share keys.</summary>
    private const int MatrixSubgroups = 4;

    /// <summary>Of the kernel for matrices of whole workgroups: invocations, queries, and what a head is a multiple of.</summary>
    private const int WorkgroupInvocations = 128, WorkgroupQueries = 64, WorkgroupMultiple = 16;

    public static AttentionVariant For(KernelProfile profile, int tokens, int headDim)
    {
        if (profile.Unit is { WorkgroupAttention: true } && headDim % WorkgroupMultiple == 0)
            return Workgroup(tokens, headDim);
        if (profile.Unit is { Attention: true } unit && Matrix(unit, tokens, headDim) is { } matrix)
            return matrix;
        return profile.Form switch
        {
            KernelForm.CpuUniform when headDim % CpuHeadMultiple == 0 => new AttentionVariant("attention_uniform", 8, [(uint)headDim], ByAddress: true),
            KernelForm.CpuLanes when headDim % CpuHeadMultiple == 0 => new AttentionVariant("attention_lanes", 8, [(uint)headDim]),
            _ => new AttentionVariant("attention", 32, [(uint)headDim]),
        };
    }

    public GroupCount Groups(int batch, int tokens, int heads) =>
        new((uint)((tokens + TileQueries - 1) / TileQueries), (uint)heads, (uint)batch);

    /// <summary>As many keys at a time as registers hold, but no more of a short sequence than it has.</summary>
    private static AttentionVariant Workgroup(int tokens, int headDim) => new(
        "attention_workgroup", WorkgroupQueries, [(uint)headDim, WorkgroupInvocations, WorkgroupQueries, tokens <= 48 ? 48u : 64u]);

    private static AttentionVariant? Matrix(MatrixUnit unit, int tokens, int headDim)
    {
        if (headDim % unit.N != 0 || headDim % unit.K != 0 || headDim % 8 != 0)
            return null;
        // One workgroup answers all of a short sequence.
        int subgroups = Math.Min(MatrixSubgroups, (tokens + unit.M - 1) / unit.M);
        while (SharedMemoryInBytes(unit, subgroups, headDim) > unit.SharedMemoryInBytes)
        {
            if (--subgroups == 0)
                return null;
        }
        return new AttentionVariant(
            "attention_matrix",
            subgroups * unit.M,
            [(uint)headDim, (uint)(subgroups * unit.SubgroupSize), (uint)unit.SubgroupSize, (uint)unit.M, (uint)unit.N, (uint)unit.K]);
    }

    private static int SharedMemoryInBytes(MatrixUnit unit, int subgroups, int headDim)
    {
        int queries = subgroups * unit.M, headRow = 2 * (headDim + 8);
        return (queries + 2 * MatrixKeys) * headRow + queries * (4 * (MatrixKeys + 4) + 2 * (MatrixKeys + 8))
            + subgroups * Math.Max(unit.SubgroupSize, unit.M) * 8;
    }
}
