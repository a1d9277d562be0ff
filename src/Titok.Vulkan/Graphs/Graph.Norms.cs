using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Graphs;

/// <content>
/// Linear layers on matrix units, or what takes their place, and the layer norms that need no dispatch of their own there. Such
/// a layer takes its input before the norm, which is folded into its weight; a later one that adds the same norm as its
/// residual takes that before the norm too. A norm that nobody reads any more is dropped when the graph is compiled. Where the
/// rows' statistics come from: from whoever made the rows, by spans that the layer merges, if its kernel can; else from a dispatch of
/// their own, if the rows are many; else the layer gathers them itself.
/// </content>
internal sealed partial class Graph
{
    /// <summary>Rows from which on it is quicker to look at each once more than in every workgroup that multiplies it.</summary>
    private const int ManyRows = 256;

    /// <summary>The linear layers that can leave statistics of their rows by spans, by what they make.</summary>
    private readonly Dictionary<ValueRange, SpanSource> _spanSources = [];

    private void AddTiledLinear(string label, Tensor x, Tensor weight, GemmEpilogue epilogue, Tensor y)
    {
        NormedInput? normed = CanFold(weight) ? _norms.GetValueOrDefault(x.Range) : null;
        NormedInput? normedResidual = epilogue.Residual is null ? null : _norms.GetValueOrDefault(epilogue.Residual.Range);
        if (normedResidual?.Statistics is null)
            normedResidual = null;
        else
            epilogue = epilogue with { Residual = normedResidual.X };
        Tensor? spans = null;
        InputNorm input = normed is null ? InputNorm.None : FindStatistics(normed, out spans);
        if (normed is not null)
        {
            normed.Statistics ??= StatisticsOf(normed.X);
            weight = Folded(weight, epilogue.Bias, normed);
            epilogue = epilogue with { Bias = null };
        }
        var norms = new LinearNorms(
            input, normed?.Statistics, normed?.Epsilon ?? 0, normedResidual?.Statistics, normedResidual is null ? null : Parameters(normedResidual))
        {
            InputSpans = spans,
        };

        int rows = x.Shape.Rows, columns = y.Shape[-1];
        GemmVariant variant = GemmVariant.ForLinear(
            profile, rows, x.Shape[-1], columns, weight.Type, mayPart: input != InputNorm.Gathered,
            mayBeByWarpgroups: LinearKernel.SuitsWarpgroups(epilogue.Activation, norms));
        JoinedParts? parts = PartsOf(label, variant, rows, columns);
        int spanCount = variant.SpansOf(columns);
        if (spanCount > 0)
            _spanSources.Add(y.Range, new SpanSource(_calls.Count, spanCount, output => Create(norms with { OutputSpans = output })));
        Add(label, Create(norms));

        KernelCall Create(LinearNorms n) => LinearKernel.CreateTiled(profile, variant, normed?.X ?? x, weight, epilogue, y, n, parts);
    }

    /// <summary>How a layer comes by the statistics of a norm's input, which are made here if they must be there before it.</summary>
    private InputNorm FindStatistics(NormedInput normed, out Tensor? spans)
    {
        spans = null;
        if (normed.Statistics is not null)
            return InputNorm.Given;
        if (_spanSources.Remove(normed.X.Range, out SpanSource? source))
        {
            spans = Intermediate($"{normed.X.Value.Name}.spans", DataType.Float32, new Shape(normed.X.Shape.Rows, source.Spans, 2));
            _calls[source.Index] = (_calls[source.Index].Label, source.Create(spans));
            return InputNorm.Merged;
        }
        if (normed.X.Shape.Rows <= ManyRows || !RowQuads.Hold(normed.X.Shape[-1]))
            return InputNorm.Gathered;
        normed.Statistics = StatisticsOf(normed.X);
        Add(normed.Statistics.Value.Name, RowStatisticsKernel.Create(profile, normed.X, normed.Statistics, normed.Epsilon));
        return InputNorm.Given;
    }

    private Tensor StatisticsOf(Tensor x) => Intermediate($"{x.Value.Name}.statistics", DataType.Float32, new Shape(x.Shape.Rows, 2));

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

        /// <summary>fp32 [R, 2], once somebody makes them.</summary>
        public Tensor? Statistics { get; set; }
    }

    /// <summary>A linear layer that can leave statistics.</summary>
    /// <param name="Index">Where its call stands in the list.</param>
    /// <param name="Spans">Spans of a row.</param>
    /// <param name="Create">The call, by where they go.</param>
    private sealed record SpanSource(int Index, int Spans, Func<Tensor, KernelCall> Create);
}
