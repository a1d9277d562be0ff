using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>
/// The block of a large product that one group of the warpgroup kernels makes (shaders/warpgroup): those for NVIDIA's Hopper GPUs,
/// which multiply by an instruction that SPIR-V has no word for. They take the same weights as the matrix kernels, as fragments.
/// </summary>
internal static class WarpgroupBlock
{
    /// <summary>Rows and columns of the output, of which the columns come in whole blocks.</summary>
    public const int Rows = 128, Columns = 256;

    private const string Module = "warpgroup";

    /// <summary>What the k of a product must be a multiple of, and a convolution's channels: four slabs, and one.</summary>
    private const int InnerMultiple = 128, ChannelMultiple = 32;

    /// <summary>Sides of the fragments, and the size of the subgroups that hold them.</summary>
    private const int FragmentSide = 16, WarpSize = 32;

    /// <summary>A block's time for 1024 of k, in microseconds on an NVIDIA H100, as those of <see cref="TileCost"/>; 15 to 18 were measured without GELU.</summary>
    private const double Cost = 20;

    /// <summary>What a launch is told: four warpgroups of four warps, and six stages of 8 KiB of shared memory.</summary>
    public static ThreadBlock Threads { get; } = new(4 * 4 * WarpSize, 48 << 10);

    /// <summary>Whether weights lie as these kernels want them, as far as that can be told without trying.</summary>
    public static bool Suits(MatrixUnit unit) =>
        unit is { WeightFragments: true, M: FragmentSide, N: FragmentSide, K: FragmentSide, SubgroupSize: WarpSize };

    /// <summary>Whether they make linear layers of these sizes.</summary>
    public static bool SuitsLinear(int inner, int columns) => inner % InnerMultiple == 0 && columns % Columns == 0;

    /// <summary>Whether they make convolutions of these sizes, of which those behind a doubling have fewer taps.</summary>
    public static bool SuitsConvolution(int inChannels, int taps, int outChannels) =>
        inChannels % ChannelMultiple == 0 && SuitsLinear(taps * inChannels, outChannels);

    /// <summary>The kernel of an op, by what it stores.</summary>
    public static string Program(string op, DataType output) => $"{Module}.{op}{(output == DataType.Float32 ? "_f32" : "")}";

    /// <summary>Whether a product of sizes that suit takes less time than by a tile.</summary>
    public static bool IsFaster(MatrixUnit unit, long rows, int columns, int inner, int products, TilePlan tile)
    {
        long blocks = (rows + Rows - 1) / Rows * (columns / Columns) * products;
        return (blocks + unit.Processors - 1) / unit.Processors * Cost * inner / 1024 < tile.Time;
    }
}
