using Titok.Vulkan.Tests.Cli;
using Titok.Vulkan.Tests.Gpu;

namespace Titok.Vulkan.Tests.Engine;

/// <summary>A small model from class labels to pictures, through the public API.</summary>
[Collection(GpuCollection.Name)]
public sealed class PipelineTests(PipelineTests.Model model) : IClassFixture<PipelineTests.Model>
{
    private static readonly GenerationSettings s_settings = new(8, 4.5f, GuidanceDecay.Linear, GenerationSettings.DefaultGuidancePower, 9.5f, Anneal: true);

    /// <summary>Of classes 0 to 3 with these settings, a picture a line.</summary>
    private static readonly int[] s_tokensOfSeed42 =
    [
        158, 80, 19, 211, 152, 33, 158, 9,
        19, 103, 39, 211, 152, 166, 50, 211,
        204, 211, 1, 237, 6, 116, 98, 211,
        98, 32, 3, 211, 229, 39, 116, 49,
    ];

    private readonly TitokPipeline _pipeline = model.Load();

    [Fact]
    public void APictureOfABatchIsThePictureAlone()
    {
        int[] classes = [3, 7, 7, 0, 9, 1, 2];
        const ulong seed = ulong.MaxValue - 2;
        GenerationResult batch = Generate(classes, seed);
        int tokens = batch.Tokens.Length / classes.Length, pixels = batch.Images.Length / classes.Length;
        for (int i = 0; i < classes.Length; i++)
        {
            GenerationResult alone = Generate([classes[i]], unchecked(seed + (ulong)i));
            Assert.Equal(batch.Tokens[(i * tokens)..((i + 1) * tokens)], alone.Tokens);
            Assert.True(batch.Images.AsSpan(i * pixels, pixels).SequenceEqual(alone.Images), $"picture {i} differs from itself alone");
        }
        AssertNoMessages();
    }

    /// <summary>A request of more pictures than a batch has: those behind it have their own classes, seeds and known tokens as well.</summary>
    [Fact]
    public async Task PicturesBehindABatchAreTheirOwn()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        int behind = _pipeline.MaxPicturesPerJob, count = behind + 2, latents = _pipeline.Generator.Info.LatentTokens;
        int[] known = [.. Enumerable.Range(0, count * latents).Select(index => index % latents == index / latents % 3 ? index % 200 : -1)];
        GenerationRequest request = Request([.. Enumerable.Range(0, count).Select(picture => picture % 7)], 21) with { KnownTokens = known, Settings = s_settings with { Steps = 2 } };
        GenerationResult together = _pipeline.Generate(request, cancellation: cancellation);
        Assert.Equal(together.Tokens, _pipeline.Generator.Generate(request, cancellation: cancellation));
        int pixels = together.Images.Length / count;
        for (int picture = behind; picture < count; picture++)
        {
            GenerationResult alone = _pipeline.Generate(
                request with { Classes = [request.Classes[picture]], Seed = request.Seed + (ulong)picture, KnownTokens = known[(picture * latents)..((picture + 1) * latents)] },
                cancellation: cancellation);
            Assert.Equal(alone.Tokens, together.Tokens[(picture * latents)..((picture + 1) * latents)]);
            Assert.True(together.Images.AsSpan(picture * pixels, pixels).SequenceEqual(alone.Images), $"picture {picture} differs from itself alone");
        }

        var steps = new List<GenerationStep>();
        await foreach (GenerationStep step in _pipeline.GenerateAsync(request, cancellation: cancellation))
            steps.Add(step);
        Assert.Equal(together.Tokens, steps.Where(step => step.Step == 1).SelectMany(step => step.Tokens));
        Assert.Equal(
            Enumerable.Range(0, known.Length).Where(index => known[index] < 0),
            steps.SelectMany(step => step.Settled.Select(index => step.FirstPicture * latents + index)).Order());
        AssertNoMessages();
    }

    /// <summary>The same literal tokens on whatever device this runs.</summary>
    [Fact]
    public void ASeedGivesTheSameTokensOnEveryDevice()
    {
        Assert.Equal(s_tokensOfSeed42, Generate([0, 1, 2, 3], 42).Tokens);
        Assert.NotEqual(s_tokensOfSeed42, Generate([0, 1, 2, 3], 43).Tokens);
        AssertNoMessages();
    }

    [Fact]
    public void ReconstructingABatchIsReconstructingEach()
    {
        const int count = 5;
        int length = 3 * _pipeline.Tokenizer.Info.ImageSize * _pipeline.Tokenizer.Info.ImageSize, latents = _pipeline.Tokenizer.Info.LatentTokens;
        var random = new Random(5);
        float[] pictures = [.. Enumerable.Range(0, count * length).Select(_ => random.NextSingle())], decoded = new float[count * length], one = new float[length];
        int[] tokens = _pipeline.Tokenizer.Encode(pictures, count);
        _pipeline.Tokenizer.Decode(tokens, count, decoded);
        for (int i = 0; i < count; i++)
        {
            int[] alone = _pipeline.Tokenizer.Encode(pictures.AsSpan(i * length, length), 1);
            Assert.Equal(tokens[(i * latents)..((i + 1) * latents)], alone);
            _pipeline.Tokenizer.Decode(alone, 1, one);
            Assert.True(decoded.AsSpan(i * length, length).SequenceEqual(one), $"picture {i} differs from itself alone");
        }
        AssertNoMessages();
    }

    [Fact]
    public void EveryStepIsTold()
    {
        var steps = new List<GenerationStep>();
        int mask = _pipeline.Generator.Info.CodebookSize;
        GenerationResult result = _pipeline.Generate(Request([4, 5], 1), new Told<GenerationStep>(steps.Add), TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(0, s_settings.Steps), steps.Select(s => s.Step));
        Assert.Equal(result.Tokens, steps[^1].Tokens);
        Assert.DoesNotContain(mask, result.Tokens);
        for (int step = 1; step < steps.Count; step++)
        {
            // What is known stays known.
            Assert.All(steps[step - 1].Tokens.Zip(steps[step].Tokens), pair => Assert.True(pair.First == mask || pair.First == pair.Second));
        }
        Assert.Equal(result.Tokens, Generate([4, 5], 1).Tokens);
        AssertNoMessages();
    }

    [Fact]
    public void ACancelledRequestLeavesTheNextOneAlone()
    {
        int[] expected = Generate([6], 9).Tokens;
        using var cancellation = new CancellationTokenSource();
        int told = 0;
        Assert.ThrowsAny<OperationCanceledException>(() => _pipeline.Generate(Request([1], 2), new Told<GenerationStep>(step =>
        {
            told++;
            if (step.Step == 2)
                cancellation.Cancel();
        }), cancellation.Token));
        Assert.Equal(3, told);
        Assert.Equal(expected, Generate([6], 9).Tokens);
        AssertNoMessages();
    }

    [Fact]
    public void ARequestMayBeCancelledAfterItsLastStep()
    {
        using var cancellation = new CancellationTokenSource();
        var told = new Told<GenerationStep>(step =>
        {
            if (step.Step == step.Steps - 1)
                cancellation.Cancel();
        });
        Assert.ThrowsAny<OperationCanceledException>(() => _pipeline.Generate(Request([1], 2), told, cancellation.Token));
        AssertNoMessages();
    }

    /// <summary>What was checked is what is done, whatever becomes of the caller's lists.</summary>
    [Fact]
    public async Task ARequestIsTakenAsItWas()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        int[] expected = Generate([6, 7], 9).Tokens;
        var classes = new List<int> { 6, 7 };
        IAsyncEnumerable<GenerationStep> steps = _pipeline.GenerateAsync(Request(classes, 9), cancellation: cancellation);
        classes[1] = 1 << 20;
        GenerationStep? last = null;
        await foreach (GenerationStep step in steps)
            last = step;
        Assert.Equal(expected, last!.Tokens);
        AssertNoMessages();
    }

    /// <summary>More pictures than a batch has, so that there is something between batches.</summary>
    [Fact]
    public void EveryBatchOfPicturesIsToldAndMayBeTheLast()
    {
        TitokTokenizer tokenizer = _pipeline.Tokenizer;
        int count = tokenizer.MaxPicturesPerJob + 1, length = 3 * tokenizer.Info.ImageSize * tokenizer.Info.ImageSize;
        float[] pictures = [.. Enumerable.Range(0, count * length).Select(i => i % 251 / 250f)];
        var done = new List<int>();
        int[] tokens = tokenizer.Encode(pictures, count, new Told<int>(done.Add), TestContext.Current.CancellationToken);
        Assert.Equal([count - 1, count], done);
        Assert.Equal(tokenizer.Encode(pictures.AsSpan(^length..), 1), tokens[^tokenizer.Info.LatentTokens..]);

        done.Clear();
        float[] decoded = tokenizer.Decode(tokens, count, new Told<int>(done.Add), TestContext.Current.CancellationToken), alone = new float[length];
        Assert.Equal([count - 1, count], done);
        tokenizer.Decode(tokens.AsSpan(^tokenizer.Info.LatentTokens..), 1, alone);
        Assert.Equal(alone, decoded[^length..]);

        using var cancellation = new CancellationTokenSource();
        int[] some = new int[tokens.Length];
        Assert.Throws<OperationCanceledException>(() => tokenizer.Encode(pictures, count, some, new Told<int>(_ => cancellation.Cancel()), cancellation.Token));
        Assert.Equal(tokens[..^tokenizer.Info.LatentTokens], some[..^tokenizer.Info.LatentTokens]);
        Assert.All(some[^tokenizer.Info.LatentTokens..], token => Assert.Equal(0, token));
        Assert.Equal(tokens, tokenizer.Encode(pictures, count, cancellation: TestContext.Current.CancellationToken));

        // Whoever is told of the last batch may cancel as well.
        using var late = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => tokenizer.Encode(pictures.AsSpan(^length..), 1, some.AsSpan(^tokenizer.Info.LatentTokens..), new Told<int>(_ => late.Cancel()), late.Token));
        Assert.Equal(tokens, some);
    }

    [Fact]
    public void RequestsFromManyThreadsTakeTurns()
    {
        int[][] expected = [.. Enumerable.Range(0, 6).Select(i => Generate([i], (ulong)i).Tokens)];
        int[][] actual = new int[expected.Length][];
        Parallel.For(0, expected.Length, i => actual[i] = Generate([i], (ulong)i).Tokens);
        Assert.Equal(expected, actual);
        AssertNoMessages();
    }

    private static GenerationRequest Request(IReadOnlyList<int> classes, ulong seed) => new() { Classes = classes, Seed = seed, Settings = s_settings };

    private GenerationResult Generate(int[] classes, ulong seed) => _pipeline.Generate(Request(classes, seed), cancellation: TestContext.Current.CancellationToken);

    private void AssertNoMessages() => TestDevice.AssertNoMessages(model.Device);

    /// <summary>One device and model for all tests of the class: some drivers take half a minute to compile its kernels.</summary>
    public sealed class Model : IDisposable
    {
        private readonly CliModel _files = new();
        private TitokPipeline? _pipeline;

        internal TitokDevice Device => field ??= TestDevice.Open();

        public void Dispose()
        {
            _pipeline?.Dispose();
            if (_pipeline is not null)
                Device.Dispose();
            _files.Dispose();
        }

        internal TitokPipeline Load() => _pipeline ??= TitokPipeline.Load(Device, _files.Folder, TestLoad.Fp32);
    }

    private sealed class Told<T>(Action<T> tell) : IProgress<T>
    {
        public void Report(T value) => tell(value);
    }
}
