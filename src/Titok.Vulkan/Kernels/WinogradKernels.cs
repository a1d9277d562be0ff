using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>
/// A 3×3 convolution by Winograd's F(4, 3) along its rows, in three dispatches an image: the input transformed, the products
/// at six points, the output from them. Half the multiplications of the direct one. For CPU drivers, in fp32: the transform
/// takes sums of numbers that it then cancels, which fp16 would round.
/// </summary>
internal static class WinogradKernels
{
    internal struct InputPush
    {
        public uint Image;
        public uint Height;
        public uint Width;
        public uint Channels;
    }

    internal struct ProductPush
    {
        public uint Rows;
        public uint PaddedRows;
        public uint Height;
        public uint Channels;
        public uint Columns;
        public uint Blocks;
    }

    internal struct OutputPush
    {
        public uint Image;
        public uint Height;
        public uint Width;
        public uint Channels;
        public uint PaddedRows;
        public uint ChunkRows;
    }

    /// <summary>Points of the transform.</summary>
    public const int Points = 6;

    /// <summary>Pixels of a row that are made together.</summary>
    private const int TileWidth = 4;

    private const int TileRows = 6, Lanes = 8, WorkgroupSize = 128;

    /// <summary>Rows of a tile that an invocation makes one after the other: enough that their statistics are few.</summary>
    private const int MaxChunkRows = 32;

    /// <summary>What every device binds as a storage buffer.</summary>
    private const long MaxInBytes = 128 << 20;

    public static bool Suits(KernelProfile profile, Shape x, int outChannels) =>
        profile is { Form: KernelForm.CpuUniform, Activation: DataType.Float32 }
        && x[2] % TileWidth == 0 && x[3] % Lanes == 0 && outChannels % WeightRequest.PanelWidth == 0
        && Math.Max(InputShape(x).Count, ProductShape(x, outChannels).Count) * sizeof(float) <= MaxInBytes;

    /// <summary>The input's transform of one image: [6, W/4, H + 2, C].</summary>
    public static Shape InputShape(Shape x) => new(Points, x[2] / TileWidth, x[1] + 2, x[3]);

    /// <summary>The products of one image: [6, rows, N], rows being tiles.</summary>
    public static Shape ProductShape(Shape x, int outChannels) => new(Points, Blocks(x).Count * Blocks(x).Tiles * TileRows, outChannels);

    /// <summary>What the outputs leave for the next group norm: mean and squares of chunks, [B, chunks, N, 2].</summary>
    public static Shape StatisticsShape(Shape y) => new(y[0], y[1] * y[2] / ChunkPixels(y), y[3], 2);

    /// <summary>Pixels that one invocation makes of a channel.</summary>
    public static int ChunkPixels(Shape y) => TileWidth * ChunkRows(y);

    /// <param name="x">fp32 [B, H, W, C].</param>
    /// <param name="norm">The norm of x that the convolution takes; null for x itself.</param>
    /// <param name="v"><see cref="InputShape"/>.</param>
    /// <param name="image">Which of the batch.</param>
    public static KernelCall CreateInput(Tensor x, NormedPicture? norm, Tensor v, int image) =>
        new(
            "winograd_input.fp32",
            [norm is null ? 0u : 1u, norm is { Silu: true } ? 1u : 0u],
            [new(x, Access.Read), new(norm?.Factors ?? x, Access.Read), new(norm?.Bias ?? x, Access.Read), new(v, Access.Write)],
            PushConstants.Of(new InputPush { Image = (uint)image, Height = (uint)x.Shape[1], Width = (uint)x.Shape[2], Channels = (uint)x.Shape[3] }),
            GroupCount.Cover(v.Shape.Count / Points, WorkgroupSize))
        {
            Addressed = [0, 1, 2, 3],
        };

    /// <param name="x">Shape of the convolution's input.</param>
    /// <param name="v">The transformed input.</param>
    /// <param name="weight">In panels for the points (<see cref="WeightLayout.WinogradPanels"/>).</param>
    /// <param name="m"><see cref="ProductShape"/>.</param>
    public static KernelCall CreateProduct(Shape x, Tensor v, Tensor weight, Tensor m) =>
        new(
            "winograd_product.fp32",
            [GemmVariant.UnrollQuads(3 * x[3] / 4)],
            [new(v, Access.Read), new(weight, Access.Read), new(m, Access.Write)],
            PushConstants.Of(new ProductPush
            {
                Rows = (uint)Rows(x),
                PaddedRows = (uint)m.Shape[1],
                Height = (uint)x[1],
                Channels = (uint)x[3],
                Columns = (uint)m.Shape[2],
                Blocks = (uint)Blocks(x).Count,
            }),
            new GroupCount((uint)Blocks(x).Tiles, (uint)(m.Shape[2] / WeightRequest.PanelWidth), (uint)(Points * Blocks(x).Count)))
        {
            Addressed = [0, 1, 2],
            Operations = 2.0 * m.Shape.Count * 3 * x[3],
        };

    /// <param name="m">The products.</param>
    /// <param name="epilogue">Bias and residual.</param>
    /// <param name="y">fp32 [B, H, W, N].</param>
    /// <param name="image">Which of the batch.</param>
    /// <param name="statistics"><see cref="StatisticsShape"/>, where somebody wants them.</param>
    public static KernelCall CreateOutput(Tensor m, GemmEpilogue epilogue, Tensor y, int image, Tensor? statistics = null) =>
        new(
            "winograd_output.fp32",
            [epilogue.Bias is null ? 0u : 1u, epilogue.Residual is null ? 0u : 1u, statistics is null ? 0u : 1u],
            [
                new(m, Access.Read), new(epilogue.Bias ?? m, Access.Read), new(epilogue.Residual ?? m, Access.Read), new(y, Access.Write),
                new(statistics ?? y, Access.Write),
            ],
            PushConstants.Of(new OutputPush
            {
                Image = (uint)image,
                Height = (uint)y.Shape[1],
                Width = (uint)y.Shape[2],
                Channels = (uint)y.Shape[3],
                PaddedRows = (uint)m.Shape[1],
                ChunkRows = (uint)ChunkRows(y.Shape),
            }),
            GroupCount.Cover((long)Rows(y.Shape) / ChunkRows(y.Shape) * y.Shape[3], WorkgroupSize))
        {
            Addressed = [0, 1, 2, 3, 4],
        };

    /// <summary>All chunks are alike: a power of two that divides the rows.</summary>
    private static int ChunkRows(Shape y) => Math.Min(y[1] & -y[1], MaxChunkRows);

    private static int Rows(Shape x) => x[1] * x[2] / TileWidth;

    private static RowBlocks Blocks(Shape x) => RowBlocks.Of(Rows(x), TileRows, x[3] * sizeof(float));
}

/// <summary>A group norm over a picture, with SiLU behind it or not, for whoever does it on the way.</summary>
/// <param name="X">What is normed, [B, H, W, C].</param>
/// <param name="Factors">fp32 [B, 2, C]: mean and factor of each channel.</param>
/// <param name="Bias">fp32 [C].</param>
/// <param name="Silu">Whether SiLU follows.</param>
internal sealed record NormedPicture(Tensor X, Tensor Factors, Tensor Bias, bool Silu);
