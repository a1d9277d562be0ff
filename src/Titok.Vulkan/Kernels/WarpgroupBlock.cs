using System.Collections.Immutable;
using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>
/// The block of a product that one group of a warpgroup kernel makes (shaders/warpgroup): those for NVIDIA's Hopper GPUs, which multiply
/// by an instruction that SPIR-V has no word for. They take the same weights as the matrix kernels, as fragments.
/// </summary>
/// <param name="Rows">Rows of the output.</param>
/// <param name="Columns">Columns of the output, which come in whole blocks.</param>
/// <param name="MayJoin">Whether k may be split among groups.</param>
internal sealed record WarpgroupBlock(int Rows, int Columns, bool MayJoin)
{
    /// <summary>Columns that a warpgroup makes by an instruction: rows of its first factor.</summary>
    public const int WarpgroupColumns = 64;

    /// <summary>Sides of the fragments, the size of the subgroups that hold them, and how many of these a warpgroup is.</summary>
    private const int FragmentSide = 16, WarpSize = 32, Warps = 4;

    /// <summary>
    /// What a block of <see cref="Large"/> takes for 1024 of k where all processors have one, in microseconds on an NVIDIA H100, as the
    /// figures of <see cref="TileCost"/>: 15 to 18 were measured without GELU. Others' times are in proportion to what they read.
    /// </summary>
    private const double LargeCost = 20;

    /// <summary>
    /// Rows up to which a block that was measured to be faster is taken without comparing what it would cost with a tile: it was measured
    /// with as many.
    /// </summary>
    private const int FewRows = 304;

    /// <summary>
    /// Rows from which on only large blocks come into question: the others ask too much of the cache to keep all processors busy.
    /// </summary>
    private const int ManyRows = 2048;

    /// <summary>
    /// Of blocks for few rows, measured on an NVIDIA H100: bytes a microsecond from the level 2 cache to all processors, and to one, and from
    /// memory (by its data sheet), and multiplications of a processor.
    /// </summary>
    private const double CacheRate = 8.5e6, ProcessorRate = 109e3, MemoryRate = 3e6, Multiplications = 2.4e6;

    /// <summary>Microseconds that the threads of a group take for each eight of their sums, beside multiplying.</summary>
    private const double Ending = 0.32;

    /// <summary>Microseconds until the last of a block's parts knows that it is, and bytes of the others' that it then reads a microsecond.</summary>
    private const double Joining = 1.45, JoiningRate = 52e3;

    /// <summary>For large products.</summary>
    public static WarpgroupBlock Large { get; } = new(128, 256, MayJoin: false);

    /// <summary>For larger ones: less to read for a multiplication, by warpgroups of two tiles.</summary>
    public static WarpgroupBlock Larger { get; } = new(192, 256, MayJoin: false) { Tiles = 2 };

    /// <summary>Those of convolutions, in the order of the bits of <see cref="GemmUnit.ConvolutionBlocks"/>.</summary>
    public static ImmutableArray<WarpgroupBlock> Convolutions { get; } = [Large, Larger, new(128, 128, MayJoin: false) { Concurrent = 2 }];

    /// <summary>
    /// Those of linear layers, in the order of the bits of <see cref="GemmUnit.LinearBlocks"/>. Those beside the large ones are for the rows of
    /// one image, such as the 66 of a generator of 32 tokens, with guidance, the 258 of one of 128, and the 289 of a tokenizer of 32.
    /// </summary>
    public static ImmutableArray<WarpgroupBlock> Linears { get; } =
    [
        Large, Larger, new(40, 64, MayJoin: true) { Layer = (66, 768), InnerMultiple = 256, Concurrent = 2 },
        new(72, 64, MayJoin: true) { Layer = (258, 1024), InnerMultiple = 256, Concurrent = 2 },
        new(136, 128, MayJoin: true) { Layer = (289, 1024) },
    ];

    /// <summary>Rows and channels of the network that it is for, where it is for one image.</summary>
    public (int Rows, int Width) Layer { get; private init; }

    /// <summary>
    /// The k of a product, or of a part of it, and a convolution's channels must be a multiple of this: so much of k is asked for at a
    /// time.
    /// </summary>
    public int InnerMultiple { get; private init; } = 128;

    /// <summary>How many of them a processor makes at a time.</summary>
    public int Concurrent { get; private init; } = 1;

    /// <summary>How often a warpgroup makes as many columns as the instruction has.</summary>
    private int Tiles { get; init; } = 1;

    /// <summary>What a launch is told: stages of slabs take nearly all of the shared memory that it may have.</summary>
    public ThreadBlock Threads => ThreadsOf(Columns / (WarpgroupColumns * Tiles), KernelLimits.MaxLaunchSharedMemoryInBytes);

    /// <summary>What a launch of a kernel whose groups are so many warpgroups is told.</summary>
    public static ThreadBlock ThreadsOf(int warpgroups, int sharedMemoryInBytes) => new(warpgroups * Warps * WarpSize, sharedMemoryInBytes);

    /// <summary>Whether weights lie as these kernels want them, as far as that can be told without trying.</summary>
    public static bool Suits(GemmUnit unit) => unit is { WeightFragments: true, WarpgroupOrder: true } && SuitsOrder(unit);

    /// <summary>Whether fragments are of the size that these kernels take, if they lie in their order.</summary>
    public static bool SuitsOrder(GemmUnit unit) => unit is { M: FragmentSide, N: FragmentSide, K: FragmentSide, SubgroupSize: WarpSize };

    /// <summary>Whether such blocks make products of these sizes, or convolutions of these channels.</summary>
    public bool SuitsProduct(int inner, int columns) => inner % InnerMultiple == 0 && columns % Columns == 0;

    /// <summary>The kernel of an op.</summary>
    public string Program(string op) => $"{op}_warpgroup_{Rows}x{Columns}.fp16";

    /// <summary>
    /// How a linear layer is made the soonest by the blocks that are given, where they suit; null where a tile is as fast, unless rows are
    /// as few as those that blocks were measured with.
    /// </summary>
    public static (WarpgroupBlock Block, int Parts)? ForLinear(GemmUnit unit, long rows, int columns, int inner, bool mayPart, TilePlan tile)
    {
        var plans =
            from index in Enumerable.Range(0, Linears.Length)
            let block = Linears[index]
            where (unit.LinearBlocks >> index & 1) != 0 && block.SuitsProduct(inner, columns) && (!block.MayJoin || rows < ManyRows)
            from parts in TileCost.Parts
            where parts == 1 || (mayPart && block.MayPart(rows, columns, inner, parts))
            select (Block: block, Parts: parts, Time: block.Time(unit, rows, columns, inner, parts));
        // Those for few rows leave statistics as well, for which tiles may take another dispatch.
        return plans.Where(p => (p.Block.MayJoin && rows <= FewRows) || p.Time < tile.Time)
            .OrderBy(p => p.Time).Select(p => ((WarpgroupBlock, int)?)(p.Block, p.Parts)).FirstOrDefault();
    }

    /// <summary>By which of the blocks that are given a convolution is made the soonest, where they suit; null where a tile is as fast.</summary>
    /// <param name="unit">The device's matrix units.</param>
    /// <param name="pixels">Rows of a product.</param>
    /// <param name="inChannels">Channels of the input.</param>
    /// <param name="taps">By which k is more.</param>
    /// <param name="outChannels">Columns of a product.</param>
    /// <param name="products">Products side by side.</param>
    /// <param name="tile">How it is made without.</param>
    public static WarpgroupBlock? ForConvolution(GemmUnit unit, long pixels, int inChannels, int taps, int outChannels, int products, TilePlan tile)
    {
        var plans =
            from index in Enumerable.Range(0, Convolutions.Length)
            let block = Convolutions[index]
            where (unit.ConvolutionBlocks >> index & 1) != 0 && block.SuitsProduct(inChannels, outChannels)
            select (Block: block, Time: block.Time(unit, pixels, outChannels * products, taps * inChannels, parts: 1));
        return plans.Where(p => p.Time < tile.Time).OrderBy(p => p.Time).Select(p => p.Block).FirstOrDefault();
    }

    /// <summary>Whether a product may be made of such blocks with k in so many parts, which must be more than one.</summary>
    public bool MayPart(long rows, int columns, int inner, int parts) =>
        MayJoin && inner % (parts * InnerMultiple) == 0 && Blocks(rows, columns) <= JoinedParts.MaxBlocks;

    private long Blocks(long rows, int columns) => RoundUp.Divide(rows, Rows) * (columns / Columns);

    private double Time(GemmUnit unit, long rows, int columns, int inner, int parts)
    {
        int slots = Concurrent * unit.Processors;
        long groups = Blocks(rows, columns) * parts, waves = RoundUp.Divide(groups, slots);
        // As they are bound by what they take from the cache.
        if (!MayJoin)
            return waves * LargeCost * Concurrent * (Rows + Columns) / (Large.Rows + Large.Columns) * inner / 1024;
        // A processor has all rows of a block come, and the cache those that there are; memory brings the weights once.
        long share = RoundUp.Divide(groups, unit.Processors), columnBlocks = columns / Columns, rowBlocks = RoundUp.Divide(rows, Rows);
        double bytes = 2.0 * (Rows + Columns) * inner / parts, allBytes = 2.0 * columnBlocks * (rows + rowBlocks * Columns) * inner;
        double time = (waves * Ending * Rows * Columns / 8 / Threads.Threads) + new[]
        {
            share * bytes / ProcessorRate, allBytes / CacheRate, 2.0 * columns * inner / MemoryRate,
            share * (double)Rows * Columns * inner / parts / Multiplications,
        }.Max();
        return parts == 1 ? time : time + Joining + parts * sizeof(float) * (double)Rows * Columns / JoiningRate;
    }
}
