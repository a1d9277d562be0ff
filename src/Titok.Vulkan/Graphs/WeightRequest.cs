using System.Collections.Immutable;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Graphs;

/// <summary>How a checkpoint tensor is laid out for the kernels.</summary>
internal enum WeightLayout
{
    /// <summary>As it is in the file, as fp32.</summary>
    Plain,

    /// <summary>
    /// A matrix <c>[N, K]</c> in panels <c>[⌈N/16⌉, K, 16]</c>; of <see cref="DataType.Int8"/> in <c>[⌈N/16⌉, K/2, 8, 2, 2]</c>,
    /// (two k, eight pairs of columns, k, column), with fp32 scales <c>[N]</c> behind them.
    /// </summary>
    Panels,

    /// <summary>A matrix stored <c>[K, N]</c> in the same panels.</summary>
    TransposedPanels,

    /// <summary>A 3×3 convolution <c>[N, C, 3, 3]</c> in panels with K ordered <c>(ky, kx, c)</c>.</summary>
    ConvolutionPanels,

    /// <summary>
    /// A 3×3 convolution behind a doubling of its input, as four convolutions of 2×2 taps, one for each phase of the output:
    /// panels <c>[4, ⌈N/16⌉, (dy, dx, c), 16]</c>, with the weights of taps that meet the same pixel added up.
    /// </summary>
    PhasePanels,

    /// <summary>
    /// A 3×3 convolution at the six points of its transform along the rows: panels <c>[6, ⌈N/16⌉, (ky, c), 16]</c>.
    /// </summary>
    WinogradPanels,

    /// <summary>Nothing of the file: zeros.</summary>
    Zeros,
}

/// <summary>
/// One buffer of weights: checkpoint tensors stacked along their first axis, of which columns
/// <c>[FirstColumn, FirstColumn + K)</c> are taken, packed in a layout.
/// </summary>
/// <param name="Names">Checkpoint names; more than one are stacked, so that one GEMM does the work of several.</param>
/// <param name="Layout">The layout in the buffer.</param>
/// <param name="Rows">N, output features over all parts (for <see cref="WeightLayout.Plain"/>, 1).</param>
/// <param name="Columns">K taken from each row (for a convolution, input channels; for plain tensors, all elements).</param>
/// <param name="SourceColumns">Elements a row of the stored tensor has; more than K when only a part is taken.</param>
/// <param name="FirstColumn">First of the columns taken.</param>
/// <param name="Type">The element type in the buffer.</param>
internal sealed record WeightRequest(
    ImmutableArray<string> Names, WeightLayout Layout, int Rows, int Columns, int SourceColumns, int FirstColumn, DataType Type)
{
    /// <summary>Columns of output features that lie side by side in a panel.</summary>
    public const int PanelWidth = 16;

    /// <summary>
    /// A layer norm that is folded into the matrix: its weight multiplies the columns, and behind the panels stand, fp32,
    /// the rows' sums and the layer's bias with what the norm's bias adds to it. Only for fp16 and int8 panels of whole matrices.
    /// </summary>
    public FoldedNorm? Norm { get; init; }

    /// <summary>The fragments that the panels' blocks are kept as; null where they stay as they are.</summary>
    public GemmUnit? Fragments { get; init; }

    public string Key => Layout == WeightLayout.Zeros
        ? $"zeros[{Columns}]:{Type}"
        : $"{string.Join('+', Names)}@{FirstColumn}+{Columns}:{Layout}:{Type}{(Fragments is null ? "" : ":fragments")}{Norm?.Key}";

    /// <summary>What to call it in listings.</summary>
    public string Label => Layout == WeightLayout.Zeros ? "zeros" : Names[0];

    /// <summary>Elements in the packed buffer, padding included.</summary>
    public long Count => Layout is WeightLayout.Plain or WeightLayout.Zeros ? Columns : PanelsCount + TailSizeInBytes / Type.SizeInBytes();

    /// <summary>Those in panels.</summary>
    public long PanelsCount => PaddedRows * Columns * Layout switch
    {
        WeightLayout.ConvolutionPanels => 9,
        WeightLayout.PhasePanels => 16,
        WeightLayout.WinogradPanels => 18,
        _ => 1,
    };

    /// <summary>Scales, then what a folded norm needs.</summary>
    private long TailSizeInBytes => ((Type == DataType.Int8 ? 1 : 0) + (Norm is null ? 0 : 2)) * PaddedRows * sizeof(float);

    /// <summary>Rows with those that fill the last panel.</summary>
    public long PaddedRows => Padded(Rows);

    public static int Padded(int rows) => RoundUp.ToMultiple(rows, PanelWidth);
}

/// <summary>Where a folded layer norm's parameters, and the biases of the layer that it is folded into, are in the checkpoint.</summary>
/// <param name="Weight">The norm's weight.</param>
/// <param name="Bias">The norm's bias.</param>
/// <param name="LayerBiases">The linear layer's, stacked; none where it has none.</param>
internal sealed record FoldedNorm(string Weight, string Bias, ImmutableArray<string> LayerBiases)
{
    public string Key => $":{Weight}:{Bias}:{string.Join('+', LayerBiases)}";
}
