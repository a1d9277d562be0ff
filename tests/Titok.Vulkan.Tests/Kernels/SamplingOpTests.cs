using System.Runtime.InteropServices;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Reference;
using Titok.Vulkan.Tests.Gpu;

namespace Titok.Vulkan.Tests.Kernels;

/// <summary>The noise and what is sampled with it, against the oracle.</summary>
[Collection(GpuCollection.Name)]
public class SamplingOpTests(GpuFixture gpu)
{
    private const int Shapes = 50;

    private static readonly int[] s_manyLatents = [127, 128, 129, 256, 300, 1024];

    /// <summary>With flat logits the token is that of the largest noise.</summary>
    [Fact]
    public void FlatLogitsTakeTheLargestNoise()
    {
        int compared = 0;
        KernelTheory.ForShapes(gpu, "portable-fp32", Shapes, (run, random, _) =>
        {
            (int images, int latents, int codes) = (random.Next(1, 4), random.Next(1, 20), random.Next(1, 600));
            var settings = new SamplingStep.Settings(0, false, 1, 1, 0, random.Next(100), Last: true);
            ulong seed = unchecked((ulong)random.NextInt64());
            int[] masked = [.. Enumerable.Repeat(codes, images * latents)];
            float[] logits = new float[images * latents * codes];
            int[] expected = SamplingStep.Apply(logits, null, masked, settings, images, latents, codes, seed, out double margin);
            // Two noises closer than fp32 tells apart may change places.
            if (margin <= 1e-6)
                return;
            compared++;
            Assert.Equal(expected, Step(run, logits, null, masked, settings, images, latents, codes, seed));
        });
        Assert.True(compared >= Shapes * 3 / 4, $"only {compared} steps had a result that fp32 can tell");
    }

    [Fact]
    public void MoreThan1024TokensAPictureAreRefused()
    {
        var graph = new Graph("op", new KernelProfile(KernelForm.Portable, DataType.Float32));
        Tensor words = graph.External("words", DataType.UInt32, 1, 1025), logits = graph.External("logits", DataType.Float32, 1, 1025, 4);
        Assert.Contains("at most 1024", Assert.Throws<ArgumentException>(() => graph.SamplingStep("step", logits, words, words, words, words, words, words)).Message);
    }

    [Fact]
    public void SamplingSteps()
    {
        int compared = 0;
        KernelTheory.ForShapes(gpu, "portable-fp32", 2 * Shapes, (run, random, _) =>
        {
            (int images, int latents, int codes) = (random.Next(1, 4), random.Next(1, 40), random.Next(1, 300));
            // As many as the workgroup that masks again has invocations, about so many, and several for each.
            if (random.Next(4) == 0)
                (images, latents, codes) = (1, s_manyLatents[random.Next(s_manyLatents.Length)], random.Next(1, 50));
            bool guided = random.Next(2) == 1, last = random.Next(4) == 0;
            var settings = new SamplingStep.Settings(
                (float)(6 * random.NextDouble()), guided && random.Next(2) == 1, (float)(0.5 + 0.8 * random.NextDouble()), random.Next(3) == 0 ? 0 : (float)(9 * random.NextDouble()),
                random.Next(latents + 2), random.Next(64), last);
            ulong seed = unchecked((ulong)random.NextInt64());
            int[] ids = [.. Enumerable.Range(0, images * latents).Select(_ => random.Next(3) == 0 ? random.Next(codes) : codes)];
            float[] conditional = run.Random(images * latents * codes, scale: 3);
            float[]? unconditional = guided ? run.Random(images * latents * codes, scale: 3) : null;
            int[] expected = SamplingStep.Apply(conditional, unconditional, ids, settings, images, latents, codes, seed, out double margin);
            if (margin < 1e-4)
                return;
            compared++;
            Assert.Equal(expected, Step(run, conditional, unconditional, ids, settings, images, latents, codes, seed));
        });
        Assert.True(compared >= Shapes, $"only {compared} steps had a result that fp32 can tell");
    }

    /// <summary>Where no logit is a finite number there is no token; where some are it is one of those.</summary>
    [Fact]
    public void NoTokenIsChosenByWhatIsNoNumber() => KernelTheory.ForShapes(gpu, "portable-fp32", Shapes, (run, random, _) =>
    {
        (int latents, int codes) = (random.Next(1, 20), random.Next(1, 600));
        var settings = new SamplingStep.Settings(0, false, 1, random.Next(2), 0, random.Next(100), Last: true);
        float[] logits = run.Random(2 * latents * codes, scale: 3);
        int sound = random.Next(codes);
        for (int index = 0; index < logits.Length; index++)
        {
            if (index < latents * codes || index % codes != sound)
                logits[index] = random.Next(2) == 0 ? float.NaN : float.PositiveInfinity;
        }
        int[] masked = [.. Enumerable.Repeat(codes, 2 * latents)];
        Assert.Equal(
            [.. Enumerable.Repeat(codes, latents), .. Enumerable.Repeat(sound, latents)],
            Step(run, logits, null, masked, settings, 2, latents, codes, (ulong)random.Next()));
    });

    /// <summary>
    /// Of equal logits the first is taken, whichever invocations have them, and all that are as unsure as the last one to be masked
    /// are masked again. Small whole numbers, which no rounding can tell apart; of some pictures all tokens are known, and stay.
    /// </summary>
    [Fact]
    public void EqualLogitsAndConfidences() => KernelTheory.ForShapes(gpu, "portable-fp32", Shapes, (run, random, _) =>
    {
        (int images, int latents, int codes) = (random.Next(1, 4), random.Next(1, 20), random.Next(1, 1100));
        var settings = new SamplingStep.Settings(0, false, 1, 0, random.Next(latents + 1), random.Next(64), Last: random.Next(4) == 0);
        bool[] given = [.. Enumerable.Range(0, images).Select(_ => random.Next(4) == 0)];
        int[] ids = [.. Enumerable.Range(0, images * latents).Select(i => given[i / latents] || random.Next(4) == 0 ? random.Next(codes) : codes)];
        float[] logits = [.. Enumerable.Range(0, ids.Length * codes).Select(_ => (float)random.Next(3))];
        int[] expected = SamplingStep.Apply(logits, null, ids, settings, images, latents, codes, seed: 0, out double _);
        Assert.Equal(expected, Step(run, logits, null, ids, settings, images, latents, codes, seed: 0));
    });

    [Fact]
    public void VaeSamples() => KernelTheory.ForShapes(gpu, "portable-fp32", Shapes, (run, random, profile) =>
    {
        (int batch, int latents, int channels) = (random.Next(1, 4), random.Next(1, 40), random.Next(1, 20));
        bool sample = random.Next(4) != 0;
        ulong seed = unchecked((ulong)random.NextInt64());
        float[] parameters = run.Random(batch * latents * 2 * channels, scale: 3);
        // Beyond what a logarithm of a variance counts to.
        if (latents % 2 == 0)
            parameters[channels] = 25;
        run.Graph.VaeSample(
            "sample", run.Floats("parameters", parameters, batch, latents, 2 * channels), run.Words("seeds", Seeds(seed, batch), batch, 2),
            run.Floats("latents", new float[batch * latents * channels], batch, latents, channels), sample);
        Agreement.Assert(
            $"samples [{batch}, {latents}, {channels}]", VaeSample.Apply(parameters, batch, latents, channels, sample ? seed : null), run.RunFor<float>("latents")[0], Agreement.Bound(profile));
    });

    /// <summary>Around means of zero, where what a variance is at the least can be seen.</summary>
    [Theory]
    [InlineData(-40)]
    [InlineData(-20)]
    public void AVarianceHasALeast(float logVariance) => KernelTheory.ForShapes(gpu, "portable-fp32", 1, (run, random, profile) =>
    {
        const int Latents = 8, Channels = 3;
        float[] parameters = [.. Enumerable.Range(0, Latents * 2 * Channels).Select(i => i % (2 * Channels) < Channels ? 0 : logVariance)];
        run.Graph.VaeSample(
            "sample", run.Floats("parameters", parameters, 1, Latents, 2 * Channels), run.Words("seeds", Seeds(7, 1), 1, 2),
            run.Floats("latents", new float[Latents * Channels], 1, Latents, Channels), sample: true);
        Agreement.Assert($"samples of {logVariance}", VaeSample.Apply(parameters, 1, Latents, Channels, 7), run.RunFor<float>("latents")[0], Agreement.Bound(profile));
    });

    private static int[] Step(
        KernelRun run, float[] conditional, float[]? unconditional, int[] ids, SamplingStep.Settings settings, int images, int latents, int codes, ulong seed)
    {
        float[] logits = [.. conditional, .. unconditional ?? []];
        StepSettings[] packed =
        [
            new()
            {
                Guidance = (float)settings.Guidance,
                Temperature = (float)settings.Temperature,
                SoftmaxTemperature = (float)settings.SoftmaxTemperature,
                MaskCount = (uint)settings.MaskCount,
                GuidanceForm = settings.FromUnconditional ? 1u : 0u,
                Last = settings.Last ? 1u : 0u,
                Step = (uint)settings.Step,
            },
        ];
        run.Graph.SamplingStep(
            "step",
            run.Floats("logits", logits, logits.Length / (latents * codes), latents, codes),
            run.Words("ids", MemoryMarshal.Cast<int, uint>(ids), images, latents),
            run.Words("candidates", new uint[ids.Length], images, latents),
            run.Words("state", new uint[4], 4),
            run.Words("settings", MemoryMarshal.Cast<StepSettings, uint>(packed), 1, StepSettings.SizeInBytes / 4),
            run.Words("seeds", Seeds(seed, images), images, 2),
            run.Words("history", new uint[ids.Length], 1, images, latents));
        int[][] results = run.RunFor<int>("ids", "history", "state", "candidates");
        Assert.Equal(results[0], results[1]);
        Assert.All(results[0].Zip(results[3]), pair => Assert.True(pair.First == codes || pair.First == pair.Second, "a settled token is its own candidate"));
        if (Array.TrueForAll(logits, float.IsFinite))
            Assert.DoesNotContain(codes, results[3]);
        Assert.Equal(1, results[2][0]);
        return results[0];
    }

    private static uint[] Seeds(ulong first, int count) =>
        [.. Enumerable.Range(0, count).SelectMany(i => new[] { (uint)unchecked(first + (ulong)i), (uint)(unchecked(first + (ulong)i) >> 32) })];
}
