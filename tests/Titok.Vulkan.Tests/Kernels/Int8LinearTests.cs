using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Tests.Gpu;
using Titok.Vulkan.Tests.Models;

namespace Titok.Vulkan.Tests.Kernels;

/// <summary>
/// Linear layers whose weights are kept as int8. All but one test have weights that int8 holds exactly, so that the kernels
/// are held to the bounds that they have with any others; how far the rounding of weights may be off is that one's.
/// </summary>
[Collection(GpuCollection.Name)]
public class Int8LinearTests(GpuFixture gpu)
{
    private const int Shapes = 30;

    /// <summary>Fewer for the matrix kernels: see <see cref="KernelTheory"/>.</summary>
    private const int MatrixShapes = 4;

    /// <summary>Where tiles, panels and unrolled loops end, and their neighbours.</summary>
    private static readonly int[] s_edges = [1, 2, 5, 7, 8, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 96, 100, 128, 132];

    /// <summary>Input features: pairs of all kinds, of which some kernels take only fours or eights.</summary>
    private static readonly int[] s_inners = [2, 4, 6, 8, 12, 16, 20, 24, 32, 40, 64, 66, 72, 100, 128, 136, 192, 256];

    public static TheoryData<string> Names => [.. Profiles.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Linear(string profileName) => ForShapes(profileName, (run, random, profile) =>
    {
        int rows = Pick(random, s_edges), inner = Pick(random, s_inners), columns = Pick(random, s_edges);
        var activation = (Activation)random.Next(3);
        bool hasBias = random.Next(2) == 1, hasResidual = random.Next(2) == 1, fp32Output = random.Next(4) == 0;
        float[] x = run.Random(rows * inner), weight = Exact(random, columns, inner);
        float[]? bias = hasBias ? run.Random(columns, stored: false) : null, residual = hasResidual ? run.Random(rows * columns) : null;
        if (hasBias)
            run.Weight("bias", bias!, columns);
        run.Weight("weight", weight, columns, inner);
        Tensor y = run.Graph.Linear(
            "linear",
            run.Activation("x", x, rows, inner),
            run.Graph.Matrix(columns, inner, "weight"),
            hasBias ? run.Graph.Vector(columns, "bias") : null,
            activation,
            hasResidual ? run.Activation("residual", residual!, rows, columns) : null,
            fp32Output ? DataType.Float32 : null);
        AssertInt8(run.Graph, y);
        float[] expected = Reference.Linear.Apply(x, weight, bias, residual, rows, inner, columns, Function(activation));
        Agreement.Assert($"[{rows}, {inner}] to {columns}, {activation}, bias {hasBias}, residual {hasResidual}", expected, run.Run(y), Agreement.Bound(y.Type));
    });

    /// <summary>Two matrices stacked, of each of which a layer reads some columns: as long skips do.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void LinearOfStackedMatricesAndColumns(string profileName) => ForShapes(profileName, (run, random, profile) =>
    {
        int rows = random.Next(1, 12), inner = Pick(random, s_inners), columns = Pick(random, s_edges), more = random.Next(1, 40), first = random.Next(9), after = random.Next(9);
        int stored = first + inner + after;
        float[] x = run.Random(rows * inner), upper = Exact(random, columns, inner), lower = Exact(random, more, inner);
        float[] wide = run.Random(columns * stored);
        for (int i = 0; i < upper.Length; i++)
            wide[i / inner * stored + first + i % inner] = upper[i];
        run.Weight("upper", upper, columns, inner);
        run.Weight("lower", lower, more, inner);
        run.Weight("wide", wide, columns, stored);
        Tensor input = run.Activation("x", x, rows, inner);
        bool stacked = random.Next(2) == 0;
        Tensor y = stacked
            ? run.Graph.Linear("stacked", input, run.Graph.Matrix(columns + more, inner, "upper", "lower"), null)
            : run.Graph.Linear("columns", input, run.Graph.MatrixColumns("wide", columns, stored, first, inner), null);
        AssertInt8(run.Graph, y);
        float[] expected = Reference.Linear.Apply(x, stacked ? [.. upper, .. lower] : upper, null, null, rows, inner, stacked ? columns + more : columns);
        Agreement.Assert($"[{rows}, {inner}] to {columns} and {more}, stacked {stacked}, columns {first} of {stored}", expected, run.Run(y), Agreement.Bound(profile));
    });

    /// <summary>A layer norm with two readers. Where it is folded in, it is its product with the weight that is kept as int8.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void LinearOfANormThatIsAddedLater(string profileName) => ForShapes(profileName, (run, random, profile) =>
    {
        int batch = random.Next(1, 3), tokens = random.Next(1, 70), width = (random.Next(1, 16) + 1) * 8, columns = random.Next(1, 17) * 8;
        bool hasBias = random.Next(2) == 1;
        int rows = batch * tokens;
        float[] x = run.Random(rows * width), b = run.Random(width, stored: false);
        // A mean of the size of the deviation, which the folded form takes off last.
        for (int i = 0; i < x.Length; i++)
            x[i] = (float)(Half)(x[i] + 0.5f);
        // Powers of two, by which a folded product can be divided again and be exact.
        float[] g = [.. Enumerable.Range(0, width).Select(_ => MathF.ScaleB(1, random.Next(-1, 2)))];
        float[] weight = Exact(random, columns, width), back = Exact(random, width, columns);
        bool folds = profile.Unit is not null;
        for (int i = 0; folds && i < weight.Length; i++)
            weight[i] /= g[i % width];
        float[]? bias = hasBias ? run.Random(columns, stored: false) : null;
        run.Weight("g", g, width);
        run.Weight("b", b, width);
        run.Weight("weight", weight, columns, width);
        run.Weight("back", back, width, columns);
        if (hasBias)
            run.Weight("bias", bias!, columns);
        Graph graph = run.Graph;
        Tensor norm = graph.LayerNorm("norm", run.Activation("x", x, batch, tokens, width), graph.Vector(width, "g"), graph.Vector(width, "b"), 1e-5f);
        Tensor hidden = graph.Linear("hidden", norm, graph.Matrix(columns, width, "weight"), hasBias ? graph.Vector(columns, "bias") : null, Activation.Gelu);
        Tensor y = graph.Linear("y", hidden, graph.Matrix(width, columns, "back"), null, residual: norm);
        AssertInt8(graph, y);
        Assert.Equal(!folds, graph.Compile(keepStages: true).Dispatches.Any(d => d.Call.Program.StartsWith("layer_norm", StringComparison.Ordinal)));
        float[] normed = Reference.LayerNorm.Apply(x, g, b, batch, tokens, width, 0, 1e-5);
        float[] expectedHidden = Reference.Linear.Apply(normed, weight, bias, null, rows, width, columns, Reference.Linear.Gelu);
        float[] expected = Reference.Linear.Apply(expectedHidden, back, null, normed, rows, columns, width);
        // fp16 rounds the norm or its input, the hidden activations, and the result.
        Agreement.Assert($"linear of norm [{batch}, {tokens}, {width}] to {columns}, bias {hasBias}", expected, run.Run(y), 2 * Agreement.Bound(profile));
    });

    /// <summary>
    /// A mean that is 32 deviations, and weights that int8 has to round: where a norm is folded in, the mean has to come off by the
    /// sums of the rounded weights, or what rounding took would stand 32 times in the result. Half a scale a weight is a hundredth of
    /// a layer's output (see <see cref="Int8GeneratorTests"/>), and twice that is the bound; NMSE is its square.
    /// </summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void AMeanComesOffAsItWentIn(string profileName) => ForShapes(profileName, (run, random, profile) =>
    {
        int rows = random.Next(1, 40), width = (random.Next(4, 16) + 1) * 8, columns = random.Next(4, 17) * 8;
        (Tensor y, float[] expected) = MatrixOpTests.LinearOfALargeMean(run, rows, width, columns);
        AssertInt8(run.Graph, y);
        Agreement.Assert($"[{rows}, {width}] to {columns}", expected, run.Run(y), 4e-4);
    });

    /// <summary>
    /// Any weights, multiplied by one: every one comes back within half of its row's scale, which is the row's largest by 127,
    /// and as a multiple of it. 1e-5 of a scale is for the rounding of the scale, of its reciprocal and of the product.
    /// </summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void WeightsAreRoundedToTheNearest(string profileName) => ForShapes(profileName, (run, random, profile) =>
    {
        int inner = Pick(random, s_inners), columns = Pick(random, s_edges);
        float[] weight = [.. run.Random(columns * inner, stored: false).Select((w, i) => MathF.ScaleB(w, i / inner * 7 % 40 - 30))];
        // Rows of zeros, and of what is too small to be told from them.
        for (int row = 3; row < columns; row += 5)
            weight.AsSpan(row * inner, inner).Fill(row % 2 == 0 ? 0 : 1e-32f);
        float[] one = new float[inner * inner];
        for (int i = 0; i < inner; i++)
            one[i * inner + i] = 1;
        run.Weight("weight", weight, columns, inner);
        Tensor y = run.Graph.Linear("linear", run.Activation("x", one, inner, inner), run.Graph.Matrix(columns, inner, "weight"), null, output: DataType.Float32);
        AssertInt8(run.Graph, y);
        float[] kept = run.Run(y);
        for (int row = 0; row < columns; row++)
        {
            double scale = Enumerable.Range(0, inner).Max(k => Math.Abs((double)weight[row * inner + k])) / 127;
            for (int k = 0; k < inner; k++)
            {
                double w = weight[row * inner + k], held = kept[k * columns + row];
                if (scale < 1e-30)
                {
                    Assert.Equal(0, held);
                    continue;
                }
                Assert.True(Math.Abs(held - w) <= (0.5 + 1e-5) * scale, $"row {row} of {columns}, k {k} of {inner}: {w} became {held}, with a scale of {scale}");
                Assert.True(Math.Abs(held / scale - Math.Round(held / scale)) <= 1e-4, $"row {row}, k {k}: {held} is no multiple of {scale}");
            }
        }
    });

    /// <summary>Whole numbers up to 127, of which every row but those of zeros has one, times a power of two.</summary>
    private static float[] Exact(Random random, int rows, int inner)
    {
        float[] weight = new float[rows * inner];
        for (int row = 0; row < rows; row++)
        {
            if (row % 11 == 5)
                continue;
            int exponent = -(int)Math.Round(7 + Math.Log2(inner) / 2) + random.Next(2);
            for (int k = 0; k < inner; k++)
                weight[row * inner + k] = MathF.ScaleB(random.Next(-127, 128), exponent);
            weight[row * inner + random.Next(inner)] = MathF.ScaleB(random.Next(2) == 0 ? 127 : -127, exponent);
        }
        return weight;
    }

    private static Func<double, double>? Function(Activation activation) => activation switch
    {
        Activation.Gelu => Reference.Linear.Gelu,
        Activation.Tanh => Math.Tanh,
        _ => null,
    };

    /// <summary>That the products of a graph are made by int8 kernels, and by no others.</summary>
    private static void AssertInt8(Graph graph, Tensor y)
    {
        graph.Stage("y", y);
        string[] products = [.. graph.Compile(keepStages: true).Dispatches.Select(d => d.Call.Program).Where(p => p.StartsWith("linear", StringComparison.Ordinal))];
        Assert.NotEmpty(products);
        Assert.All(products, p => Assert.EndsWith("_int8", p));
    }

    private static int Pick(Random random, int[] sizes) => sizes[random.Next(sizes.Length)];

    private void ForShapes(string profileName, Action<KernelRun, Random, KernelProfile> test) => KernelTheory.ForShapes(
        gpu, profileName, Shapes, MatrixShapes,
        (_, random, profile) => test(new KernelRun(gpu.Device, profile with { Int8Weights = true }, random), random, profile));
}
