using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>Which family of kernels a device is given.</summary>
internal enum KernelForm
{
    /// <summary>Needs no optional feature.</summary>
    Portable,

    /// <summary>
    /// For drivers that run on the CPU and load an address that is the same for all lanes as one scalar (lavapipe of
    /// Mesa 24 and later): no shared memory, no barriers, weights read by address. Subgroups of 8.
    /// </summary>
    CpuUniform,

    /// <summary>For drivers that run on the CPU and load for every lane apart: as few loads as can be. Subgroups of 8.</summary>
    CpuLanes,

    /// <summary>
    /// For devices with matrix units (VK_KHR_cooperative_matrix): fp16 products by cooperative matrices. What is kept in
    /// fp32, and what does not come in whole fragments, goes to the portable kernels.
    /// </summary>
    Matrix,

    /// <summary>
    /// For GPUs without matrix units, or with slow ones: the same products in blocks, of fp16 numbers by multiply-adds, with all that
    /// the matrix kernels do on the way. What is kept in fp32 goes to the portable kernels.
    /// </summary>
    MultiplyAdd,
}

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
    /// Steps of k of which a subgroup has fragments in registers at a time, 1 or 2: those that it multiplies, and the next
    /// ones, for which there is no room where an element is held by more than one invocation.
    /// </summary>
    public int FragmentSides { get; init; } = 2;

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
            ShortAttention = AttentionForm.Portable,
            LongAttention = AttentionForm.Portable,
        };

    /// <summary>With weights as fragments, and then room for those of a step more; or all in panels, as where an invocation holds more elements than its share.</summary>
    public GemmUnit WithFragments(bool fragments) => this with { WeightFragments = fragments, FragmentSides = fragments ? 2 : 1 };

    /// <summary>With attention of any length by one form.</summary>
    public GemmUnit With(AttentionForm form) => this with { ShortAttention = form, LongAttention = form };

    /// <summary>For products with a weight of that type and that many k, which may have to lie in panels.</summary>
    public GemmUnit For(int inner, DataType weight) =>
        this with { WeightFragments = WeightFragments && weight == DataType.Float16 && inner % K == 0 };
}

/// <summary>The choice that every kernel of a graph is made with.</summary>
/// <param name="Form">Family of kernels.</param>
/// <param name="Activation">Storage of activations and, unless told otherwise, of matrix weights; accumulation is always fp32.</param>
internal sealed record KernelProfile(KernelForm Form, DataType Activation)
{
    /// <summary>Whether matrices are kept as int8 with a scale for each output feature.</summary>
    public bool Int8Weights { get; init; }

    /// <summary>The matrix units, or what takes their place, where the form is one of theirs and activations are fp16.</summary>
    public GemmUnit? Unit { get; init; }

    /// <summary>Whether products go to matrix units.</summary>
    public bool OnMatrixUnits => Unit is { Form: KernelForm.Matrix };

    /// <summary>Ends the name of a shader that is compiled once per storage type.</summary>
    public string Suffix => Activation == DataType.Float16 ? "fp16" : "fp32";

    /// <summary>The suffix for a kernel whose output may be kept in fp32 although its input is not.</summary>
    public string SuffixFor(DataType output) => output == Activation ? Suffix : $"{Suffix}_f32";

    /// <summary>The suffix for a product's kernel, which also goes by how its weight is kept.</summary>
    public string SuffixFor(DataType output, DataType weight) => SuffixFor(output) + (weight == DataType.Int8 ? "_int8" : "");

    /// <summary>How a matrix of that many input features is kept. int8 panels come in pairs of them.</summary>
    public DataType MatrixType(int inFeatures) => Int8Weights && inFeatures % 2 == 0 ? DataType.Int8 : Activation;

    public override string ToString() => $"{Form} {Suffix}";
}
