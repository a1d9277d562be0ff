using Titok.Vulkan.Tests.Engine;
using Titok.Vulkan.Tests.Gpu;

namespace Titok.Vulkan.Tests.Embedding;

/// <summary>Many requests at once, waited for in every way, and what they allocate.</summary>
[Collection(GpuCollection.Name)]
public sealed class InFlightTests(PipelineTests.Model model) : IClassFixture<PipelineTests.Model>
{
    private static readonly GenerationRequest s_request = new()
    {
        Classes = [4],
        Seed = 21,
        Settings = new(6, 4.5f, GuidanceDecay.Linear, GenerationSettings.DefaultGuidancePower, 9.5f, Anneal: true),
    };

    private readonly TitokPipeline _pipeline = model.Load();

    [Fact]
    public async Task AwaitedStepsAreTheBlockingCallsSteps()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        GenerationRequest request = s_request with { Classes = [1, 2] };
        GenerationResult expected = _pipeline.Generate(request, cancellation: cancellation);
        var steps = new List<GenerationStep>();
        await foreach (GenerationStep step in _pipeline.GenerateAsync(request, previews: true, cancellation))
            steps.Add(step);
        Assert.Equal(Enumerable.Range(0, 6), steps.Select(s => s.Step));
        Assert.Equal(expected.Tokens, steps[^1].Tokens);
        Assert.Equal(expected.Images, steps[^1].Images);
        Assert.All(steps, s => Assert.NotNull(s.Images));
        // Every position is settled once.
        Assert.Equal(Enumerable.Range(0, expected.Tokens.Length), steps.SelectMany(s => s.Settled).Order());
        await foreach (GenerationStep step in _pipeline.GenerateAsync(request, previews: false, cancellation))
            Assert.Equal(step.Step == 5, step.Images is not null);
        TestDevice.AssertNoMessages(model.Device);
    }

    [Fact]
    public async Task ACancelledStreamEndsAndLeavesTheNextAlone()
    {
        int[] expected = _pipeline.Generate(s_request, cancellation: TestContext.Current.CancellationToken).Tokens;
        using var cancellation = new CancellationTokenSource();
        int told = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (GenerationStep step in _pipeline.GenerateAsync(s_request with { Seed = 3 }, cancellation: cancellation.Token))
            {
                told++;
                if (step.Step == 1)
                    await cancellation.CancelAsync();
            }
        });
        Assert.Equal(2, told);
        Assert.Throws<ArgumentOutOfRangeException>(() => _pipeline.GenerateAsync(s_request with { Classes = [-1] }));
        Assert.Equal(expected, _pipeline.Generate(s_request, cancellation: TestContext.Current.CancellationToken).Tokens);
    }

    /// <summary>Blocking, awaited and sliced, from eight threads, some cancelled on the way: each gets its own picture.</summary>
    [Fact]
    public async Task RequestsInFlightDoNotMeet()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        int[][] expected = [.. Enumerable.Range(0, 8).Select(i => _pipeline.Generate(Request(i), cancellation: cancellation).Tokens)];
        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(async () =>
        {
            for (int round = 0; round < 6; round++)
            {
                int i = (thread + round) % 8;
                int[] tokens = ((thread + round) % 3) switch
                {
                    0 => _pipeline.Generate(Request(i), cancellation: cancellation).Tokens,
                    1 => await AwaitedAsync(Request(i), cancellation),
                    _ => Sliced(Request(i), new Random(thread * 100 + round), cancellation),
                };
                Assert.Equal(expected[i], tokens);
            }
        }, cancellation)));
        TestDevice.AssertNoMessages(model.Device);
    }

    /// <summary>Counted over pictures after the first ones, which make what is kept.</summary>
    [Theory]
    [InlineData("time")]
    [InlineData("everything")]
    public void AWarmJobAllocatesNothing(string by)
    {
        TitokSlice slice = by == "time" ? TitokSlice.Milliseconds(2) : TitokSlice.Everything;
        using TitokGenerationJob job = _pipeline.Begin(s_request);
        var output = new TitokMemoryOutput();
        job.SetOutput(output);
        int[] tokens = new int[_pipeline.Generator.Info.LatentTokens];
        byte[] pixels = new byte[output.SizeInBytes(1, _pipeline.Tokenizer.Info.ImageSize)];
        void Picture(ulong seed)
        {
            job.Restart(seed);
            while (!job.IsRecorded)
            {
                if (job.Submit(slice).Number < 0)
                    job.Wait();
            }
            job.Wait();
            job.ReadTokens(tokens);
            job.ReadOutput(pixels);
        }

        // A slice's length is being learned at first, lists grow to what it needs, and the runtime makes things for code that it
        // has not come by yet.
        for (ulong seed = 0; seed < 20; seed++)
        {
            job.Restart(s_request);
            Picture(seed);
        }
        long objects = model.Device.LiveObjects, memory = model.Device.MemoryInUseInBytes, made = GC.GetAllocatedBytesForCurrentThread();
        for (ulong seed = 0; seed < 10; seed++)
        {
            job.Restart(s_request);
            Picture(seed);
        }
        long managed = GC.GetAllocatedBytesForCurrentThread() - made;
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"10 pictures of {job.Steps} steps: {managed} managed bytes, {model.Device.LiveObjects - objects} Vulkan objects, {model.Device.MemoryInUseInBytes - memory} bytes of device memory");
        Assert.Equal(0, managed);
        Assert.Equal(objects, model.Device.LiveObjects);
        Assert.Equal(memory, model.Device.MemoryInUseInBytes);
    }

    private static GenerationRequest Request(int i) => s_request with { Classes = [i], Seed = (ulong)i };

    private async Task<int[]> AwaitedAsync(GenerationRequest request, CancellationToken cancellation)
    {
        int[] tokens = [];
        await foreach (GenerationStep step in _pipeline.GenerateAsync(request, cancellation: cancellation))
            tokens = [.. step.Tokens];
        return tokens;
    }

    private int[] Sliced(GenerationRequest request, Random random, CancellationToken cancellation)
    {
        using TitokGenerationJob job = _pipeline.Begin(request with { Seed = 1000 });
        job.Submit(TitokSlice.Dispatches(random.Next(1, 60)));
        job.Cancel();
        job.Wait(cancellation);
        job.Restart(request);
        while (!job.IsRecorded)
        {
            if (job.Submit(TitokSlice.Dispatches(random.Next(1, 60))).Number < 0)
                job.Wait(cancellation);
        }
        job.Wait(cancellation);
        int[] tokens = new int[_pipeline.Generator.Info.LatentTokens];
        job.ReadTokens(tokens);
        return tokens;
    }
}
