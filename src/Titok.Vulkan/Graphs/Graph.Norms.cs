using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Graphs;

/// <content>
/// Linear layers on matrix units, or what takes their place, and the layer norms that need no dispatch of their own there. Such
/// a layer takes its input before the norm, which is folded into its weight; a later one that adds the same norm as its
/// residual takes that before the norm too. A norm that nobody reads any more is dropped when the graph is compiled. Where the
/// rows' statistics come from: from whoever added up the rows, if their k was split; else from a dispatch of their own, if the
/// rows are many; else the layer gathers them itself.
/// </content>
internal sealed partial class Graph
{
    /// <summary>Rows from which on it is quicker to look at each once more than in every workgroup that multiplies it.</summary>
    private const int ManyRows = 256;

    /// <summary>The additions of parts, which can leave statistics of their rows, by what they make.</summary>
    private readonly Dictionary<ValueRange, PartsAddition> _additions = [];

    private void AddMatrixLinear(string label, Tensor x, Tensor weight, GemmEpilogue epilogue, Tensor y)
    {
        NormedInput? normed = CanFold(weight) ? _norms.GetValueOrDefault(x.Range) : null;
        NormedInput? normedResidual = epilogue.Residual is null ? null : _norms.GetValueOrDefault(epilogue.Residual.Range);
        if (normedResidual?.Statistics is null)
            normedResidual = null;
        else
            epilogue = epilogue with { Residual = normedResidual.X };
        bool areGiven = normed is not null && FindStatistics(normed);
        if (normed is not null)
        {
            normed.Statistics ??= StatisticsOf(normed.X);
            weight = Folded(weight, epilogue.Bias, normed);
            epilogue = epilogue with { Bias = null };
        }
        var norms = new LinearNorms(
            normed?.Statistics, areGiven, normed?.Epsilon ?? 0, normedResidual?.Statistics, normedResidual is null ? null : Parameters(normedResidual));

        int columns = y.Shape[-1];
        GemmVariant variant = GemmVariant.ForLinear(
            profile, x.Shape.Rows, x.Shape[-1], columns, weight.Type, mayPart: normed is null,
            mayBeByWarpgroups: LinearKernel.SuitsWarpgroups(epilogue.Activation, norms));
        if (variant.Parts == 1)
        {
            Add(label, LinearKernel.CreateMatrix(profile, variant, normed?.X ?? x, weight, epilogue, y, columns, norms));
            return;
        }
        Tensor parts = PartsOf(label, variant, y);
        Add($"{label}.parts", LinearKernel.CreateMatrix(profile, variant, x, weight, default, parts, columns, default));
        _additions.Add(y.Range, new PartsAddition(_calls.Count, parts, variant.Parts, epilogue, y, norms));
        Add(label, AddPartsKernel.Create(profile, parts, variant.Parts, epilogue, y, norms));
    }

    /// <summary>Whether the statistics of a norm's input are there for the layer, or can be.</summary>
    private bool FindStatistics(NormedInput normed)
    {
        if (normed.Statistics is not null)
            return true;
        if (_additions.Remove(normed.X.Range, out PartsAddition? addition))
        {
            normed.Statistics = StatisticsOf(normed.X);
            LinearNorms norms = addition.Norms with { Statistics = normed.Statistics, Epsilon = normed.Epsilon };
            _calls[addition.Index] = (
                _calls[addition.Index].Label,
                AddPartsKernel.Create(profile, addition.Parts, addition.Count, addition.Epilogue, addition.Y, norms));
            return true;
        }
        if (normed.X.Shape.Rows <= ManyRows || !RowQuads.Hold(normed.X.Shape[-1]))
            return false;
        normed.Statistics = StatisticsOf(normed.X);
        Add(normed.Statistics.Value.Name, RowStatisticsKernel.Create(profile, normed.X, normed.Statistics, normed.Epsilon));
        return true;
    }

    private Tensor StatisticsOf(Tensor x) => Intermediate($"{x.Value.Name}.statistics", DataType.Float32, new Shape(x.Shape.Rows, 2));

    /// <summary>Room for the sums of a product's parts; a row of it is counted once, whatever their number.</summary>
    private Tensor PartsOf(string label, GemmVariant variant, Tensor y) =>
        Intermediate($"{label}.parts", DataType.Float32, new Shape(y.Shape.Rows, variant.Parts * y.Shape[-1]));

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

    /// <summary>A call that adds up parts, and where it stands in the list.</summary>
    private sealed record PartsAddition(int Index, Tensor Parts, int Count, GemmEpilogue Epilogue, Tensor Y, LinearNorms Norms);
}
