using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Graphs;

/// <content>
/// Layer norms that need no dispatch of their own. Where the kernel of a linear layer can, it takes its input before the
/// norm, which is folded into its weight, and leaves the rows' statistics; a later one that adds the same norm as its
/// residual takes that before the norm too. A norm that nobody reads any more is dropped when the graph is compiled.
/// </content>
internal sealed partial class Graph
{
    /// <summary>The linear layer with norms folded in; null where there is none to fold.</summary>
    private KernelCall? FoldNorms(Tensor x, Tensor weight, Tensor? bias, Tensor? residual, Tensor y, Activation activation)
    {
        if (!LinearKernel.CanFoldNorm(profile, x, y.Shape[-1]))
            return null;
        NormedInput? normed = CanFold(weight) ? _norms.GetValueOrDefault(x.Value) : null;
        NormedInput? normedResidual = residual is null ? null : _norms.GetValueOrDefault(residual.Value);
        if (normedResidual?.Statistics is null)
            normedResidual = null;
        if (normed is null && normedResidual is null)
            return null;
        if (normed is not null)
        {
            normed.Statistics ??= Intermediate($"{x.Value.Name}.statistics", DataType.Float32, new Shape(x.Shape.Rows, 2));
            weight = Folded(weight, bias, normed);
        }
        var norms = new LinearNorms(normed?.Statistics, normed?.Epsilon ?? 0, normedResidual?.Statistics, normedResidual is null ? null : Parameters(normedResidual));
        return LinearKernel.CreateFolded(
            profile, normed?.X ?? x, weight, normed is null ? bias : null, normedResidual?.X ?? residual, y, activation, norms);
    }

    private static bool CanFold(Tensor weight) =>
        weight.Value.Weight is { Layout: WeightLayout.Panels, FirstColumn: 0 } request && request.Columns == request.SourceColumns;

    private Tensor Folded(Tensor weight, Tensor? bias, NormedInput normed) =>
        Weight(
            weight.Value.Weight! with
            {
                Norm = new FoldedNorm(
                    normed.Weight.Value.Weight!.Names[0], normed.Bias.Value.Weight!.Names[0], bias?.Value.Weight!.Names ?? []),
            },
            weight.Shape);

    /// <summary>Weight and bias of a norm, one behind the other.</summary>
    private Tensor Parameters(NormedInput normed) =>
        Table(new Shape(2, normed.Weight.Shape[0]), normed.Weight.Value.Weight!.Names[0], normed.Bias.Value.Weight!.Names[0]);

    /// <summary>A norm over all tokens that was asked for.</summary>
    private sealed class NormedInput(Tensor x, Tensor weight, Tensor bias, float epsilon)
    {
        public Tensor X => x;

        public Tensor Weight => weight;

        public Tensor Bias => bias;

        public float Epsilon => epsilon;

        /// <summary>fp32 [R, 2], once a linear layer gathers them.</summary>
        public Tensor? Statistics { get; set; }
    }
}
