using System.Collections.Immutable;
using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>An attention shader and how many queries of one head a workgroup of it answers.</summary>
/// <param name="Shader">Shader name, or that of a module in PTX, without its type suffix.</param>
/// <param name="TileQueries">Queries a workgroup.</param>
/// <param name="Constants">Specialization constants.</param>
/// <param name="ByAddress">Whether it reads keys and values by buffer address.</param>
internal sealed record AttentionVariant(string Shader, int TileQueries, ImmutableArray<uint> Constants, bool ByAddress = false)
{
    private const int CpuHeadMultiple = 4;

    /// <summary>Most tokens of a sequence that counts as short: the one-pass kernels have all of its keys at a time.</summary>
    public const int ShortTokens = 64;

    /// <summary>Keys that a workgroup of the two-pass kernel has in shared memory at a time.</summary>
    private const int TwoPassKeys = 32;

    /// <summary>Most subgroups of queries that share keys.</summary>
    private const int MaxSubgroups = 5, MaxTwoPassSubgroups = 4;

    /// <summary>
    /// Up to so many workgroups a processor each asks for its next keys ahead, as too few others run that could hide the wait; by
    /// estimate.
    /// </summary>
    private const int FewWorkgroups = 2;

    /// <summary>Most keys whose scores a subgroup of the one-pass kernel keeps in registers at a time.</summary>
    private const int MaxKeys = 80;

    /// <summary>
    /// Where invocations multiply and add, they stand in a square of that side, and each has up to so many queries, and keys at a time.
    /// </summary>
    private const int OwnSide = 8, MaxOwn = 5;

    /// <summary>What a block costs beside its keys, in keys, and a workgroup's pass over all keys, in queries; by estimate.</summary>
    private const double KeysOfABlock = 8, QueriesOfAWorkgroup = 16;

    /// <summary>Two batches of keys and values, whose rows the warpgroup kernels keep in as many bytes.</summary>
    private const int WarpgroupMatrices = 4, WarpgroupRowInBytes = 128;

    /// <summary>By warpgroups of 64 queries each, by the channels of a head.</summary>
    private static readonly Dictionary<int, AttentionVariant> s_warpgroups = new()
    {
        [48] = Warpgroups(48, warpgroups: 1, keys: 48),
        [64] = Warpgroups(64, warpgroups: 2, keys: 80),
    };

    /// <summary>What a launch is told, where the kernel is one of the warpgroup kernels; null for shaders.</summary>
    public ThreadBlock? ThreadBlock { get; private init; }

    /// <param name="profile">Kernel profile.</param>
    /// <param name="tokens">Tokens of a sequence.</param>
    /// <param name="headDim">Channels of a head.</param>
    /// <param name="sequences">Sequences, times heads.</param>
    public static AttentionVariant For(KernelProfile profile, int tokens, int headDim, int sequences)
    {
        if (profile.Unit is { } unit && OnUnit(unit, tokens, headDim, sequences) is { } variant)
            return variant;
        return profile.Form switch
        {
            KernelForm.CpuUniform when headDim % CpuHeadMultiple == 0 => new AttentionVariant("attention_uniform", 8, [(uint)headDim], ByAddress: true),
            KernelForm.CpuLanes when headDim % CpuHeadMultiple == 0 => new AttentionVariant("attention_lanes", 8, [(uint)headDim]),
            _ => new AttentionVariant("attention", 32, [(uint)headDim]),
        };
    }

    public GroupCount Groups(int batch, int tokens, int heads) =>
        new((uint)RoundUp.Divide(tokens, TileQueries), (uint)heads, (uint)batch);

    /// <summary>Null where the form for so many tokens is none of theirs, or does not suit the head.</summary>
    private static AttentionVariant? OnUnit(GemmUnit unit, int tokens, int headDim, int sequences) =>
        (tokens <= ShortTokens ? unit.ShortAttention : unit.LongAttention) switch
        {
            AttentionForm.Warpgroup when s_warpgroups.TryGetValue(headDim, out AttentionVariant? variant) => variant,
            AttentionForm.TwoPasses or AttentionForm.Warpgroup when headDim % unit.N == 0 && headDim % unit.K == 0 && headDim % 8 == 0 => TwoPasses(unit, tokens, headDim),
            AttentionForm.Subgroup when headDim % unit.N == 0 && headDim % 8 == 0 && unit.N == unit.K => Subgroup(unit, tokens, headDim, sequences),
            AttentionForm.MultiplyAdd when headDim % 8 == 0 => MultiplyAdds(unit, tokens, headDim),
            _ => null,
        };

    /// <summary>
    /// The workgroup and the block of keys that cost the least, as far as they have room: padding counts in full; each block adds
    /// its reductions and waits, each workgroup its pass over all keys.
    /// </summary>
    private static AttentionVariant? Subgroup(GemmUnit unit, int tokens, int headDim, int sequences)
    {
        (int Subgroups, int Keys)[] sizes =
        [
            .. from subgroups in Enumerable.Range(1, MaxSubgroups)
               let queries = subgroups * unit.M
               from fragments in Enumerable.Range(1, MaxKeys / unit.N)
               let keys = fragments * unit.N
               where (queries + 2 * keys) * HeadInBytes(headDim) <= unit.SharedMemoryInBytes
               orderby Cost(tokens, queries, keys)
               select (subgroups, keys),
        ];
        if (sizes.Length == 0)
            return null;
        (int subgroupCount, int keyCount) = sizes[0];
        long workgroups = (long)RoundUp.Divide(tokens, subgroupCount * unit.M) * sequences;
        return new AttentionVariant(
            "attention_subgroup",
            subgroupCount * unit.M,
            [
                (uint)headDim, (uint)(subgroupCount * unit.SubgroupSize), (uint)unit.SubgroupSize, (uint)unit.M, (uint)unit.N, (uint)keyCount,
                workgroups <= FewWorkgroups * unit.Processors ? 1u : 0u,
            ]);
    }

    private static AttentionVariant? MultiplyAdds(GemmUnit unit, int tokens, int headDim)
    {
        (int Queries, int Keys)[] own =
        [
            .. from queries in Enumerable.Range(1, MaxOwn)
               from keys in Enumerable.Range(1, MaxOwn)
               where MultiplyAddsInBytes(OwnSide * queries, OwnSide * keys, headDim) <= unit.SharedMemoryInBytes
               orderby Cost(tokens, OwnSide * queries, OwnSide * keys)
               select (queries, keys),
        ];
        return own is [(int queryCount, int keyCount), ..]
            ? new AttentionVariant("attention_fma", OwnSide * queryCount, [(uint)headDim, (uint)queryCount, (uint)keyCount])
            : null;
    }

    private static int MultiplyAddsInBytes(int queries, int keys, int headDim) =>
        (queries + 2 * keys) * 16 * (headDim / 8 | 1) + queries * (4 * (keys + 4) + 4 * OwnSide);

    /// <summary>What a head costs in a pass over its keys, whole blocks of queries and keys, to compare sizes of blocks by.</summary>
    private static double Cost(int tokens, int queries, int keys) =>
        (double)RoundUp.ToMultiple(tokens, queries) * RoundUp.ToMultiple(tokens, keys) * (1 + KeysOfABlock / keys + QueriesOfAWorkgroup / queries);

    private static AttentionVariant Warpgroups(int headDim, int warpgroups, int keys) => new(
        $"attention_warpgroup_{headDim}", warpgroups * WarpgroupBlock.WarpgroupColumns, [])
    {
        ThreadBlock = WarpgroupBlock.ThreadsOf(warpgroups, WarpgroupMatrices * keys * WarpgroupRowInBytes),
    };

    private static AttentionVariant? TwoPasses(GemmUnit unit, int tokens, int headDim)
    {
        // One workgroup answers all of a short sequence.
        int subgroups = Math.Min(MaxTwoPassSubgroups, RoundUp.Divide(tokens, unit.M));
        while (TwoPassesInBytes(unit, subgroups, headDim) > unit.SharedMemoryInBytes)
        {
            if (--subgroups == 0)
                return null;
        }
        return new AttentionVariant(
            "attention_matrix",
            subgroups * unit.M,
            [(uint)headDim, (uint)(subgroups * unit.SubgroupSize), (uint)unit.SubgroupSize, (uint)unit.M, (uint)unit.N, (uint)unit.K]);
    }

    private static int TwoPassesInBytes(GemmUnit unit, int subgroups, int headDim)
    {
        int queries = subgroups * unit.M;
        return (queries + 2 * TwoPassKeys) * HeadInBytes(headDim) + queries * (4 * (TwoPassKeys + 4) + 2 * (TwoPassKeys + 8))
            + subgroups * Math.Max(unit.SubgroupSize, unit.M) * 8;
    }

    /// <summary>A token's query, key or value of a head in shared memory.</summary>
    private static int HeadInBytes(int headDim) => 2 * (headDim + 8);
}
