using System.Runtime.InteropServices;
using Titok.Vulkan.Engine;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Tests.Gpu;
using Titok.Vulkan.Tests.Models;

namespace Titok.Vulkan.Tests.Kernels;

/// <summary>Linear layers, convolutions and attention on random shapes, odd tails included, against the oracle.</summary>
[Collection(GpuCollection.Name)]
public class MatrixOpTests(GpuFixture gpu)
{
    private const int Shapes = 50;

    private const int MatrixShapes = 10;

    /// <summary>The specialization constant of linear_matrix and linear_fma that says how they come by their input's statistics.</summary>
    private const int NormInput = 17;

    /// <summary>Sizes at which the kernels' tiles, panels and unrolled loops end, and their neighbours.</summary>
    private static readonly int[] s_edges = [1, 2, 3, 4, 5, 7, 8, 12, 15, 16, 17, 20, 31, 32, 33, 48, 63, 64, 65, 66, 96, 100, 128, 132];

    public static TheoryData<string> Names => [.. Profiles.Names];

    public static TheoryData<string> AttentionNames => [.. Profiles.AttentionNames];

    [Theory]
    [MemberData(nameof(Names))]
    public void Linear(string profileName) => ForShapes(profileName, (run, random, profile) =>
    {
        int rows = Pick(random), inner = Pick(random), columns = Pick(random);
        var activation = (Activation)random.Next(3);
        bool hasBias = random.Next(2) == 1, hasResidual = random.Next(2) == 1, fp32Output = random.Next(4) == 0;
        float[] x = run.Random(rows * inner), weight = run.Random(columns * inner, scale: 1 / Math.Sqrt(inner));
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
        Func<double, double>? function = activation switch
        {
            Activation.Gelu => Reference.Linear.Gelu,
            Activation.Tanh => Math.Tanh,
            _ => null,
        };
        float[] expected = Reference.Linear.Apply(x, weight, bias, residual, rows, inner, columns, function);
        Agreement.Assert($"linear [{rows}, {inner}] to {columns}, {activation}, bias {hasBias}, residual {hasResidual}", expected, run.Run(y), Agreement.Bound(y.Type));
    });

    /// <summary>
    /// A layer norm with two readers, as post-norm transformers have it: a linear layer, and a later one that adds it. The
    /// matrix kernels fold it into both.
    /// </summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void LinearOfANormThatIsAddedLater(string profileName) => ForShapes(profileName, (run, random, profile) =>
    {
        int batch = random.Next(1, 3), tokens = random.Next(1, 70), width = (random.Next(1, 16) + 1) * 8, columns = Pick(random);
        var activation = (Activation)random.Next(3);
        bool hasBias = random.Next(2) == 1;
        int rows = batch * tokens;
        float[] x = run.Random(rows * width), g = run.Random(width, stored: false), b = run.Random(width, stored: false);
        // A mean of the size of the deviation, which the folded form takes off last.
        for (int i = 0; i < x.Length; i++)
            x[i] = (float)(Half)(x[i] + 0.5f);
        float[] weight = run.Random(columns * width, scale: 1 / Math.Sqrt(width)), back = run.Random(width * columns, scale: 1 / Math.Sqrt(columns));
        float[]? bias = hasBias ? run.Random(columns, stored: false) : null;
        run.Weight("g", g, width);
        run.Weight("b", b, width);
        run.Weight("weight", weight, columns, width);
        run.Weight("back", back, width, columns);
        if (hasBias)
            run.Weight("bias", bias!, columns);
        Graph graph = run.Graph;
        Tensor norm = graph.LayerNorm("norm", run.Activation("x", x, batch, tokens, width), graph.Vector(width, "g"), graph.Vector(width, "b"), 1e-5f);
        Tensor hidden = graph.Linear("hidden", norm, graph.Matrix(columns, width, "weight"), hasBias ? graph.Vector(columns, "bias") : null, activation);
        Tensor y = graph.Linear("y", hidden, graph.Matrix(width, columns, "back"), null, residual: norm);

        bool folds = profile.Unit is not null && columns % 8 == 0;
        graph.Stage("y", y);
        Assert.Equal(!folds, graph.Compile(keepStages: true).Dispatches.Any(d => d.Call.Program.StartsWith("layer_norm", StringComparison.Ordinal)));
        Func<double, double>? function = activation switch
        {
            Activation.Gelu => Reference.Linear.Gelu,
            Activation.Tanh => Math.Tanh,
            _ => null,
        };
        float[] normed = Reference.LayerNorm.Apply(x, g, b, batch, tokens, width, 0, 1e-5);
        float[] expectedHidden = Reference.Linear.Apply(normed, weight, bias, null, rows, width, columns, function);
        float[] expected = Reference.Linear.Apply(expectedHidden, back, null, normed, rows, columns, width);
        // fp16 rounds the hidden activations, and where it is folded the norm's product with the weight.
        Agreement.Assert($"linear of norm [{batch}, {tokens}, {width}] to {columns}, {activation}, bias {hasBias}", expected, run.Run(y), 2 * Agreement.Bound(profile));
    });

    /// <summary>
    /// A layer norm between linear layers, of which the first has so many k that the kernels that multiply in blocks split them: they
    /// leave the statistics of its rows by spans, and the second one merges them. The third adds the same norm.
    /// </summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void LinearOfANormOfALinear(string profileName) => KernelTheory.ForShapes(gpu, profileName, 10, 5, (run, random, profile) =>
    {
        int batch = random.Next(1, 3), tokens = random.Next(1, 70), inner = 1024, width = 8 * random.Next(1, 33);
        int rows = batch * tokens;
        float[] x = run.Random(rows * inner), g = run.Random(width, stored: false), b = run.Random(width, stored: false);
        float[] first = run.Random(width * inner, scale: 1 / Math.Sqrt(inner)), second = run.Random(width * width, scale: 1 / Math.Sqrt(width));
        // Means of several deviations, which sums of squares would drown in.
        float[] bias = Array.ConvertAll(run.Random(width, stored: false), v => v + 4);
        run.Weight("first", first, width, inner);
        run.Weight("bias", bias, width);
        run.Weight("g", g, width);
        run.Weight("b", b, width);
        run.Weight("second", second, width, width);
        Graph graph = run.Graph;
        Tensor hidden = graph.Linear("hidden", run.Activation("x", x, batch, tokens, inner), graph.Matrix(width, inner, "first"), graph.Vector(width, "bias"));
        Tensor norm = graph.LayerNorm("norm", hidden, graph.Vector(width, "g"), graph.Vector(width, "b"), 1e-5f);
        Tensor again = graph.Linear("again", norm, graph.Matrix(width, width, "second"), null);
        Tensor y = graph.Linear("y", again, graph.Matrix(width, width, "second"), null, residual: norm);

        graph.Stage("y", y);
        KernelCall[] calls = [.. graph.Compile(keepStages: true).Dispatches.Select(d => d.Call)];
        if (profile.Unit is not null)
        {
            GemmVariant variant = GemmVariant.ForLinear(profile, rows, inner, width, profile.MatrixType(inner), mayPart: true);
            Assert.True(variant.Parts > 1);
            KernelCall normed = calls.First(c => c.Program.StartsWith("linear_", StringComparison.Ordinal) && c.Specialization[NormInput] != 0);
            Assert.Equal(variant.SpansOf(width) > 0 ? InputNorm.Merged : InputNorm.Gathered, (InputNorm)normed.Specialization[NormInput]);
        }
        float[] expectedHidden = Reference.Linear.Apply(x, first, bias, null, rows, inner, width);
        if (profile.Activation == DataType.Float16)
            expectedHidden = Array.ConvertAll(expectedHidden, v => (float)(Half)v);
        float[] expectedNorm = Reference.LayerNorm.Apply(expectedHidden, g, b, batch, tokens, width, 0, 1e-5);
        float[] expectedAgain = Reference.Linear.Apply(expectedNorm, second, null, null, rows, width, width);
        float[] expected = Reference.Linear.Apply(expectedAgain, second, null, expectedNorm, rows, width, width);
        // fp16 rounds what is between the layers, and each rounding of the first is as large as its mean, not as its deviation.
        Agreement.Assert($"linear of norm of linear [{batch}, {tokens}, {inner}] to {width}", expected, run.Run(y), 4 * Agreement.Bound(profile));
    });

    /// <summary>
    /// The same where the rows deviate by no more than ε allows for, in fewer columns than a block has, and in several spans of them,
    /// whose means are not the same: a layer of nothing but its bias, whose every number fp16 holds.
    /// </summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void LinearOfANormOfSmallDeviations(string profileName) => KernelTheory.ForShapes(gpu, profileName, 1, (_, random, profile) =>
    {
        const int Rows = 17, Inner = 1024;
        foreach (int width in new[] { 8, 96 })
        {
            var run = new KernelRun(gpu.Device, profile, random);
            float[] bias = [.. Enumerable.Range(0, width).Select(i => 4 + (i % 3 + i / 32) * MathF.ScaleB(1, -8))];
            float[] g = run.Random(width, stored: false), b = run.Random(width, stored: false), second = run.Random(width * width, scale: 1 / Math.Sqrt(width));
            run.Weight("first", new float[width * Inner], width, Inner);
            run.Weight("bias", bias, width);
            run.Weight("g", g, width);
            run.Weight("b", b, width);
            run.Weight("second", second, width, width);
            Graph graph = run.Graph;
            Tensor x = run.Activation("x", run.Random(Rows * Inner), 1, Rows, Inner);
            Tensor hidden = graph.Linear("hidden", x, graph.Matrix(width, Inner, "first"), graph.Vector(width, "bias"));
            Tensor norm = graph.LayerNorm("norm", hidden, graph.Vector(width, "g"), graph.Vector(width, "b"), 1e-5f);
            Tensor y = graph.Linear("y", norm, graph.Matrix(width, width, "second"), null);
            graph.Stage("y", y);
            KernelCall last = graph.Compile(keepStages: true).Dispatches.Last().Call;
            if (profile.Unit is not null)
                Assert.Equal(InputNorm.Merged, (InputNorm)last.Specialization[NormInput]);
            float[] normed = Reference.LayerNorm.Apply([.. Enumerable.Repeat(bias, Rows).SelectMany(row => row)], g, b, 1, Rows, width, 0, 1e-5);
            Agreement.Assert($"linear of norm of {width} columns", Reference.Linear.Apply(normed, second, null, null, Rows, width, width), run.Run(y), 4 * Agreement.Bound(profile));
        }
    });

    /// <summary>
    /// Rows of one number each, whose squares' mean less their mean's square comes out below zero here and there: by more than ε, which
    /// would have no root. All that is left of them is the bias, to a three-hundredth: 1/√ε magnifies the sums' rounding.
    /// </summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void LinearOfANormOfEqualNumbers(string profileName) => KernelTheory.ForShapes(gpu, profileName, 1, (run, random, profile) =>
    {
        const int Rows = 40, Width = 72, Columns = 48;
        float[] numbers = run.Random(Rows, scale: 64), ones = new float[Width], zeros = new float[Width];
        ones.AsSpan().Fill(1);
        float[] bias = Array.ConvertAll(run.Random(Columns, stored: false), v => v + 4);
        run.Weight("g", ones, Width);
        run.Weight("b", zeros, Width);
        run.Weight("bias", bias, Columns);
        run.Weight("weight", run.Random(Columns * Width, scale: 1 / Math.Sqrt(Width)), Columns, Width);
        Tensor x = run.Activation("x", [.. Enumerable.Range(0, Rows * Width).Select(i => numbers[i / Width])], 1, Rows, Width);
        Tensor norm = run.Graph.LayerNorm("norm", x, run.Graph.Vector(Width, "g"), run.Graph.Vector(Width, "b"), 1e-5f);
        Tensor y = run.Graph.Linear("linear", norm, run.Graph.Matrix(Columns, Width, "weight"), run.Graph.Vector(Columns, "bias"));
        Agreement.Assert("linear of norm of equal numbers", [.. Enumerable.Range(0, Rows * Columns).Select(i => bias[i % Columns])], run.Run(y), 1e-5);
    });

    /// <summary>
    /// A mean that is 32 deviations: where a norm is folded in, the mean has to come off by the sums of the products with the norm's
    /// weight as they are kept, or what rounding them took would stand 32 times in the result.
    /// </summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void AMeanComesOffAsItWentIn(string profileName) => KernelTheory.ForShapes(gpu, profileName, 1, (run, _, profile) =>
    {
        (Tensor y, float[] expected) = LinearOfALargeMean(run, rows: 20, width: 72, columns: 48);
        Agreement.Assert("linear of norm of large numbers", expected, run.Run(y), 2 * Agreement.Bound(profile));
    });

    [Theory]
    [MemberData(nameof(Names))]
    public void LinearOfColumnsAndTransposed(string profileName) => ForShapes(profileName, (run, random, profile) =>
    {
        int rows = random.Next(1, 12), inner = Pick(random), columns = Pick(random), stored = inner + random.Next(9), first = random.Next(stored - inner + 1);
        bool transposed = random.Next(2) == 1;
        float[] x = run.Random(rows * inner), weight = run.Random(columns * inner, scale: 1 / Math.Sqrt(inner));
        if (transposed)
        {
            run.Weight("weight", [.. Enumerable.Range(0, weight.Length).Select(i => weight[i % columns * inner + i / columns])], inner, columns);
        }
        else
        {
            float[] wide = run.Random(columns * stored);
            for (int i = 0; i < weight.Length; i++)
                wide[i / inner * stored + first + i % inner] = weight[i];
            run.Weight("weight", wide, columns, stored);
        }
        Tensor matrix = transposed ? run.Graph.TransposedMatrix("weight", columns, inner) : run.Graph.MatrixColumns("weight", columns, stored, first, inner);
        Tensor y = run.Graph.Linear("linear", run.Activation("x", x, rows, inner), matrix, null);
        float[] expected = Reference.Linear.Apply(x, weight, null, null, rows, inner, columns);
        Agreement.Assert($"linear [{rows}, {inner}] to {columns}, transposed {transposed}, columns {first} of {stored}", expected, run.Run(y), Agreement.Bound(profile));
    });

    [Theory]
    [MemberData(nameof(Names))]
    public void Conv3x3(string profileName) => ForShapes(profileName, (run, random, profile) =>
    {
        int batch = random.Next(1, 3), height = random.Next(1, 9), width = random.Next(1, 9), inChannels = Pick(random) % 70 + 1, outChannels = Pick(random) % 50 + 1;
        if (random.Next(2) == 0)
            inChannels = (inChannels + 3) / 4 * 4;
        // Whole tiles, so that a convolution by its transform is met.
        if (random.Next(3) == 0)
            (width, inChannels, outChannels) = (4 * random.Next(1, 4), 8 * random.Next(1, 5), 16 * random.Next(1, 4));
        bool upsample = random.Next(3) == 0, fp32Output = random.Next(4) == 0, hasBias = random.Next(2) == 1, hasResidual = random.Next(2) == 1;
        int factor = upsample ? 2 : 1, pixels = batch * height * width * factor * factor;
        float[] x = run.Random(batch * height * width * inChannels), weight = run.Random(outChannels * inChannels * 9, scale: 1 / Math.Sqrt(9 * inChannels));
        float[]? bias = hasBias ? run.Random(outChannels, stored: false) : null, residual = hasResidual ? run.Random(pixels * outChannels) : null;
        if (hasBias)
            run.Weight("bias", bias!, outChannels);
        run.Weight("weight", weight, outChannels, inChannels, 3, 3);
        Tensor y = run.Graph.Conv3x3(
            "conv",
            run.Activation("x", x, batch, height, width, inChannels),
            run.Graph.Convolution("weight", outChannels, inChannels, upsample),
            hasBias ? run.Graph.Vector(outChannels, "bias") : null,
            hasResidual ? run.Activation("residual", residual!, batch, height * factor, width * factor, outChannels) : null,
            upsample,
            fp32Output ? DataType.Float32 : null);
        float[] source = upsample ? Reference.Conv3x3.Upsample(x, batch, height, width, inChannels) : x;
        float[] expected = Reference.Conv3x3.Apply(source, weight, bias, residual, batch, height * factor, width * factor, inChannels, outChannels);
        Agreement.Assert(
            $"conv [{batch}, {height}, {width}, {inChannels}] to {outChannels}, upsample {upsample}, bias {hasBias}, residual {hasResidual}", expected, run.Run(y),
            // A doubled picture meets sums of weights, which fp16 rounds, whatever the output is kept in.
            upsample ? Agreement.Bound(profile) : Agreement.Bound(y.Type));
    });

    /// <summary>Norm, convolution, norm, convolution, norm, as in a residual block: where they are done on the way, nothing is lost.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void ConvolutionsBetweenNorms(string profileName) => KernelTheory.ForShapes(gpu, profileName, 10, 2, (run, random, profile) =>
    {
        int batch = random.Next(1, 3), height = random.Next(1, 13), width = random.Next(3) == 0 ? random.Next(1, 9) : 4 * random.Next(1, 4);
        int channels = 16 * random.Next(1, 4), groups = random.Next(2) == 0 ? channels >> random.Next(1, 5) : 1 << random.Next(4), pixels = batch * height * width;
        float[] x = run.Random(pixels * channels);
        // A mean far from zero, which squares that are not centred would drown in.
        for (int i = 0; i < x.Length; i++)
            x[i] += i % channels < channels / 2 ? 8 : 0;
        if (profile.Activation == DataType.Float16)
            x = Array.ConvertAll(x, v => (float)(Half)v);

        Tensor input = run.Activation("x", x, batch, height, width, channels), y = input;
        float[] expected = x;
        for (int layer = 0; layer < 3; layer++)
        {
            float[] weight = run.Random(channels, stored: false), bias = run.Random(channels, stored: false);
            run.Weight($"norm{layer}.weight", weight, channels);
            run.Weight($"norm{layer}.bias", bias, channels);
            bool silu = layer < 2;
            y = run.Graph.GroupNorm(
                $"norm{layer}", y, run.Graph.Vector(channels, $"norm{layer}.weight"), run.Graph.Vector(channels, $"norm{layer}.bias"), groups, 1e-6f, silu);
            expected = Reference.GroupNorm.Apply(expected, weight, bias, batch, height * width, channels, groups, 1e-6, silu);
            if (layer == 2)
                break;
            float[] kernel = run.Random(channels * channels * 9, scale: 1 / Math.Sqrt(9 * channels));
            run.Weight($"conv{layer}", kernel, channels, channels, 3, 3);
            y = run.Graph.Conv3x3($"conv{layer}", y, run.Graph.Convolution($"conv{layer}", channels, channels), null, layer == 1 ? input : null);
            expected = Reference.Conv3x3.Apply(expected, kernel, null, layer == 1 ? x : null, batch, height, width, channels, channels);
        }
        // In fp16 each of five results is rounded, and the next norm may magnify what the last did.
        Agreement.Assert($"[{batch}, {height}, {width}, {channels}] in {groups}", expected, run.Run(y), 10 * Agreement.Bound(profile));
    });

    [Theory]
    [MemberData(nameof(AttentionNames))]
    public void Attention(string profileName) => KernelTheory.ForShapes(gpu, profileName, Shapes, 5, (run, random, profile) =>
    {
        // Few head sizes: each compiles a kernel of its own on CPU drivers, for matrix units in some ten seconds.
        int[] headDims = profile.Form == KernelForm.Matrix ? [20, 48, 64] : [1, 6, 8, 20, 48, 64, 128];
        int batch = random.Next(1, 3), tokens = random.Next(1, 40), heads = random.Next(1, 4), headDim = headDims[random.Next(headDims.Length)];
        float[] qkv = run.Random((long)batch * tokens * 3 * heads * headDim);
        Tensor y = run.Graph.Attention("attention", run.Activation("qkv", qkv, batch, tokens, 3 * heads * headDim), heads);
        float[] expected = Reference.Attention.Apply(qkv, batch, tokens, heads, headDim);
        Agreement.Assert($"attention [{batch}, {tokens}, {heads} × {headDim}]", expected, run.Run(y), Agreement.Bound(profile));
    });

    /// <summary>Sizes of the published models: many tiles, long sums, tokens past a row of tiles.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void PublishedSizes(string profileName) => KernelTheory.ForShapes(gpu, profileName, 1, (run, random, profile) =>
    {
        (int rows, int inner, int columns) = (66, 768, 3072);
        float[] x = run.Random(rows * inner), weight = run.Random(columns * inner, scale: 1 / Math.Sqrt(inner));
        run.Weight("weight", weight, columns, inner);
        Tensor y = run.Graph.Linear("linear", run.Activation("x", x, rows, inner), run.Graph.Matrix(columns, inner, "weight"), null);
        Agreement.Assert("linear [66, 768] to 3072", Reference.Linear.Apply(x, weight, null, null, rows, inner, columns), run.Run(y), Agreement.Bound(profile));

        (int size, int channels) = (32, 128);
        var conv = new KernelRun(gpu.Device, profile, random);
        x = conv.Random(size * size * channels);
        weight = conv.Random(channels * channels * 9, scale: 1 / Math.Sqrt(9 * channels));
        conv.Weight("weight", weight, channels, channels, 3, 3);
        y = conv.Graph.Conv3x3("conv", conv.Activation("x", x, 1, size, size, channels), conv.Graph.Convolution("weight", channels, channels), null);
        Agreement.Assert("conv [1, 32, 32, 128] to 128", Reference.Conv3x3.Apply(x, weight, null, null, 1, size, size, channels, channels), conv.Run(y), Agreement.Bound(profile));
    });

    /// <summary>Of an encoder, and of both kinds of generators.</summary>
    [Theory]
    [MemberData(nameof(AttentionNames))]
    public void AttentionOfPublishedSizes(string profileName) => KernelTheory.ForShapes(gpu, profileName, 1, (_, random, profile) =>
    {
        foreach ((int batch, int tokens, int headDim) in new[] { (1, 289, 64), (2, 33, 48), (1, 129, 64) })
        {
            const int Heads = 2;
            var run = new KernelRun(gpu.Device, profile, random);
            float[] qkv = run.Random(batch * tokens * 3 * Heads * headDim);
            Tensor y = run.Graph.Attention("attention", run.Activation("qkv", qkv, batch, tokens, 3 * Heads * headDim), Heads);
            float[] expected = Reference.Attention.Apply(qkv, batch, tokens, Heads, headDim);
            Agreement.Assert($"attention [{batch}, {tokens}, {Heads} × {headDim}]", expected, run.Run(y), Agreement.Bound(profile));
        }
    });

    /// <summary>Scores of dozens either way, over several blocks of keys: whoever passes once has to scale down what it has.</summary>
    [Theory]
    [MemberData(nameof(AttentionNames))]
    public void AttentionOfLargeScores(string profileName) => KernelTheory.ForShapes(gpu, profileName, 1, (run, _, profile) =>
    {
        const int Tokens = 200, HeadDim = 32;
        float[] qkv = run.Random(Tokens * 3 * HeadDim, scale: 12);
        Tensor y = run.Graph.Attention("attention", run.Activation("qkv", qkv, 1, Tokens, 3 * HeadDim), 1);
        Agreement.Assert("attention of large scores", Reference.Attention.Apply(qkv, 1, Tokens, 1, HeadDim), run.Run(y), Agreement.Bound(profile));
    });

    /// <summary>
    /// A row of numbers that are none, and more of them behind the weight: k ends within a slab, and what lies past its end is another
    /// row's or anybody's, which no product with zero takes away.
    /// </summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void WhatIsNoNumberStaysInItsRow(string profileName)
    {
        KernelProfile profile = Profiles.Require(gpu.Device, profileName);
        if (profile.Unit is not null)
            profile = profile with { Unit = profile.Unit.WithFragments(false) };
        const int Rows = 6, Inner = 40, Panel = 16, Row = 1;
        var random = new Random(1);
        float[] x = Numbers(Rows * Inner), weight = Numbers(Panel * Inner), panels = new float[2 * weight.Length];
        x.AsSpan(Row * Inner, Inner).Fill(float.NaN);
        panels.AsSpan().Fill(float.NaN);
        for (int i = 0; i < weight.Length; i++)
            panels[i % Inner * Panel + i / Inner] = weight[i];
        var graph = new Graph("op", profile);
        Tensor input = graph.External("x", profile.Activation, Rows, Inner), matrix = graph.External("panels", profile.Activation, 2 * Panel, Inner);
        Tensor y = graph.External("y", profile.Activation, Rows, Panel);
        var contents = new Dictionary<Value, byte[]> { [input.Value] = Bytes(x), [matrix.Value] = Bytes(panels) };
        using var run = new ScratchRun(gpu.Device, [LinearKernel.CreateBare(profile, input, matrix, y)], contents);
        run.Run();
        AssertWithout("linear of what is no number", Reference.Linear.Apply(x, weight, null, null, Rows, Inner, Panel), run.Read(y), Panel, profile);
        gpu.AssertNoMessages();

        float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)(Half)(random.NextSingle() - 0.5f))];

        byte[] Bytes(float[] values) => profile.Activation == DataType.Float16
            ? MemoryMarshal.AsBytes(Array.ConvertAll(values, v => (Half)v).AsSpan()).ToArray()
            : MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
    }

    /// <summary>A picture's first pixel: of the border only its neighbours know of it, and no other picture does.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void WhatIsNoNumberStaysAmongItsNeighbours(string profileName) => KernelTheory.ForShapes(gpu, profileName, 1, (run, _, profile) =>
    {
        // A width of no whole tiles: by its transform a convolution makes four pixels of six.
        const int Batch = 2, Height = 4, Width = 5, InChannels = 40, OutChannels = 24;
        float[] x = run.Random(Batch * Height * Width * InChannels), weight = run.Random(OutChannels * InChannels * 9, scale: 1 / Math.Sqrt(9 * InChannels));
        x.AsSpan(0, InChannels).Fill(float.NaN);
        run.Weight("weight", weight, OutChannels, InChannels, 3, 3);
        Tensor y = run.Graph.Conv3x3("conv", run.Activation("x", x, Batch, Height, Width, InChannels), run.Graph.Convolution("weight", OutChannels, InChannels), null);
        float[] expected = Reference.Conv3x3.Apply(x, weight, null, null, Batch, Height, Width, InChannels, OutChannels);
        AssertWithout("convolution of what is no number", expected, run.Run(y), 4 * OutChannels, profile);
    });

    /// <summary>Keys past the end of a sequence weigh nothing, but nothing times what follows would.</summary>
    [Theory]
    [MemberData(nameof(AttentionNames))]
    public void WhatIsNoNumberStaysInItsHead(string profileName) => KernelTheory.ForShapes(gpu, profileName, 1, (run, _, profile) =>
    {
        const int Batch = 2, Tokens = 33, Heads = 2, HeadDim = 48, Channels = Heads * HeadDim;
        float[] qkv = run.Random(Batch * Tokens * 3 * Channels);
        for (int i = 0; i < qkv.Length; i++)
        {
            // The first picture's second head, and the second picture.
            if (i / (Tokens * 3 * Channels) == 1 || i % Channels >= HeadDim)
                qkv[i] = float.NaN;
        }
        Tensor y = run.Graph.Attention("attention", run.Activation("qkv", qkv, Batch, Tokens, 3 * Channels), Heads);
        float[] expected = Reference.Attention.Apply(qkv, Batch, Tokens, Heads, HeadDim);
        AssertWithout("attention to what is no number", expected, run.Run(y), 3 * Tokens * HeadDim, profile);
    });

    [Fact]
    public void AHeadOfMoreThan128ChannelsIsRefused()
    {
        var graph = new Graph("op", new KernelProfile(KernelForm.Portable, DataType.Float32));
        Tensor qkv = graph.External("qkv", DataType.Float32, 1, 4, 3 * 129);
        Assert.Contains("at most 128", Assert.Throws<ArgumentException>(() => graph.Attention("attention", qkv, 1)).Message);
    }

    /// <summary>A linear layer of a norm of rows whose mean is 32 deviations, and what it comes to.</summary>
    internal static (Tensor Y, float[] Expected) LinearOfALargeMean(KernelRun run, int rows, int width, int columns)
    {
        float[] x = [.. run.Random(rows * width).Select(v => (float)(Half)(v + 16))];
        float[] g = run.Random(width, stored: false), b = run.Random(width, stored: false), weight = run.Random(columns * width, scale: 1 / Math.Sqrt(width));
        run.Weight("g", g, width);
        run.Weight("b", b, width);
        run.Weight("weight", weight, columns, width);
        Tensor norm = run.Graph.LayerNorm("norm", run.Activation("x", x, 1, rows, width), run.Graph.Vector(width, "g"), run.Graph.Vector(width, "b"), 1e-5f);
        Tensor y = run.Graph.Linear("linear", norm, run.Graph.Matrix(columns, width, "weight"), null);
        float[] normed = Reference.LayerNorm.Apply(x, g, b, 1, rows, width, 0, 1e-5);
        return (y, Reference.Linear.Apply(normed, weight, null, null, rows, width, columns));
    }

    /// <summary>That so many are no numbers, the same in both, and the rest agrees.</summary>
    private static void AssertWithout(string what, float[] expected, float[] actual, int count, KernelProfile profile)
    {
        Assert.Equal(count, expected.Count(float.IsNaN));
        Assert.Equal(expected.Select(float.IsNaN), actual.Select(float.IsNaN));
        Agreement.Assert(what, Numbers(expected), Numbers(actual), Agreement.Bound(profile));

        static float[] Numbers(float[] values) => [.. values.Where(value => !float.IsNaN(value))];
    }

    private static int Pick(Random random) => random.Next(3) == 0 ? random.Next(1, 140) : s_edges[random.Next(s_edges.Length)];

    private void ForShapes(string profileName, Action<KernelRun, Random, KernelProfile> test) => KernelTheory.ForShapes(gpu, profileName, Shapes, MatrixShapes, test);
}
