using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>What the kernels that multiply in blocks have to know of a device: of its matrix units, or of what takes their place.</summary>
/// <param name="M">Rows of a fragment.</param>
/// <param name="N">Columns of a fragment.</param>
/// <param name="K">Products that a fragment adds up.</param>
/// <param name="SubgroupSize">Invocations that make a fragment together.</param>
/// <param name="SharedMemoryInBytes">What a workgroup may use.</param>
internal sealed record GemmUnit(int M, int N, int K, int SubgroupSize, int SharedMemoryInBytes)
{
    /// <summary>Elements of a fragment that an invocation holds where weights are kept as fragments: 16 bytes.</summary>
    private const int ElementsAnInvocation = 8;

    /// <summary>Processors of a large GPU, where a driver does not tell.</summary>
    public const int UsualProcessors = 128;

    /// <summary>
    /// Sides of what stands for a fragment where invocations multiply and add (fma_tile), and how many of them take a subgroup's
    /// place: with half as many, each would have twice the sums, for which some GPUs have no registers.
    /// </summary>
    private const int GroupSide = 16, GroupSize = 64;

    /// <summary>Shared memory of a workgroup of them at the most: that of two or three has room at a time on most GPUs.</summary>
    private const int MaxGroupsSharedMemoryInBytes = 32 << 10;

    /// <summary>Whose kernels: <see cref="KernelForm.Matrix"/>, or <see cref="KernelForm.MultiplyAdd"/>.</summary>
    public KernelForm Form { get; init; } = KernelForm.Matrix;

    /// <summary>Workgroups that are at work at a time, to choose blocks of products that fill them.</summary>
    public int Processors { get; init; } = UsualProcessors;

    /// <summary>Most subgroups of a workgroup.</summary>
    public int MaxSubgroups { get; init; } = 8;

    /// <summary>
    /// Whether fp16 weights lie as the subgroup's invocations hold them (weight_fragments), so that products read them from
    /// memory rather than by way of shared memory. They can if <see cref="MayKeepFragments"/>.
    /// </summary>
    public bool WeightFragments { get; init; }

    /// <summary>
    /// Whether an invocation's elements of a fragment of weights lie as the warpgroup kernels' instruction takes them, which differs in
    /// the middle two of four pairs.
    /// </summary>
    public bool WarpgroupOrder { get; init; }

    /// <summary>
    /// Steps of k of which a subgroup has fragments in registers at a time, 1 or 2: those that it multiplies, and the next
    /// ones, for which there is no room where an element is held by more than one invocation.
    /// </summary>
    public int FragmentSides { get; init; } = 2;

    /// <summary>
    /// Whether a subgroup has registers for no more than a few fragments, 4 or 8 KiB (Intel's Xe and Xe2), where other GPUs have some 32:
    /// tiles are smaller there, and wait for what they multiply next.
    /// </summary>
    public bool HasFewRegisters { get; private init; }

    /// <summary>Whether weights can lie so, if no element is held by two invocations, which only a test can tell.</summary>
    public bool MayKeepFragments => Form == KernelForm.Matrix && K * N == ElementsAnInvocation * SubgroupSize && WeightRequest.PanelWidth % N == 0;

    /// <summary>Whether linear layers go to it.</summary>
    public bool Linear { get; init; } = true;

    /// <summary>Whether convolutions go to it.</summary>
    public bool Convolution { get; init; } = true;

    /// <summary>Which of the warpgroup kernels' blocks linear layers may be made of, a bit each (<see cref="WarpgroupBlock.Linears"/>).</summary>
    public int LinearBlocks { get; init; }

    /// <summary>Which of them convolutions may be made of (<see cref="WarpgroupBlock.Convolutions"/>).</summary>
    public int ConvolutionBlocks { get; init; }

    /// <summary>Whether the warpgroup kernels that can follow each other without barriers do (<see cref="LaunchChain"/>).</summary>
    public bool ChainsLaunches { get; init; }

    /// <summary>Attention over at most <see cref="AttentionVariant.ShortTokens"/>, as a generator of few tokens has it.</summary>
    public AttentionForm ShortAttention { get; init; } = AttentionForm.TwoPasses;

    /// <summary>Attention over more.</summary>
    public AttentionForm LongAttention { get; init; } = AttentionForm.TwoPasses;

    /// <summary>The tile for large linear layers, where it was measured.</summary>
    public GemmTile? LinearTile { get; init; }

    /// <summary>The tile for large convolutions, where it was measured.</summary>
    public GemmTile? ConvolutionTile { get; init; }

    /// <summary>What takes the place of matrix units on a device that has none.</summary>
    public static GemmUnit OfMultiplyAdds(int sharedMemoryInBytes, int maxInvocations) =>
        new(GroupSide, GroupSide, GroupSide, GroupSize, Math.Min(sharedMemoryInBytes, MaxGroupsSharedMemoryInBytes))
        {
            Form = KernelForm.MultiplyAdd,
            MaxSubgroups = maxInvocations / GroupSize,
            FragmentSides = 1,
            ShortAttention = AttentionForm.MultiplyAdd,
            LongAttention = AttentionForm.MultiplyAdd,
        };

    /// <summary>With weights as fragments, and registers for the next step's; or all in panels, as on devices that hold elements more than once.</summary>
    public GemmUnit WithFragments(bool fragments) => this with { WeightFragments = fragments, FragmentSides = fragments && !HasFewRegisters ? 2 : 1 };

    /// <summary>As of a device whose subgroups <see cref="HasFewRegisters"/>.</summary>
    public GemmUnit WithFewRegisters() => this with { HasFewRegisters = true, FragmentSides = 1 };

    /// <summary>With attention of any length by one form.</summary>
    public GemmUnit With(AttentionForm form) => this with { ShortAttention = form, LongAttention = form };

    /// <summary>For products with a weight of that type and that many k, which may have to lie in panels.</summary>
    public GemmUnit For(int inner, DataType weight) =>
        this with { WeightFragments = WeightFragments && weight == DataType.Float16 && inner % K == 0 };
}
