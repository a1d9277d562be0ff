using Silk.NET.Vulkan;
using Titok.Vulkan.Tests.Cli;
using Titok.Vulkan.Tests.Engine;
using Titok.Vulkan.Tests.Gpu;

namespace Titok.Vulkan.Tests.Embedding;

/// <summary>What a program may get wrong: each has one error that names it, and changes nothing.</summary>
[Collection(GpuCollection.Name)]
public sealed class MisuseTests(JobTests.Lent lent) : IClassFixture<JobTests.Lent>
{
    private static readonly GenerationRequest s_request = new() { Classes = [3], Seed = 11, Settings = GenerationSettings.Demo };

    [Fact]
    public void ARefusedOutputLeavesAFinishedJobFinished()
    {
        using TitokGenerationJob job = lent.Pipeline.Begin(s_request);
        var output = new TitokMemoryOutput();
        job.SetOutput(output);
        Finish(job);
        byte[] pixels = new byte[output.SizeInBytes(1, lent.Pipeline.Tokenizer.Info.ImageSize)], again = new byte[pixels.Length];
        job.ReadOutput(pixels);

        Assert.Throws<ArgumentException>(() => job.SetOutput(new TitokImageOutput { Image = 0 }, previewSteps: true));
        Assert.True(job.IsFinished);
        Assert.Same(output, job.Output);
        Assert.False(job.PreviewSteps);
        job.ReadOutput(again);
        Assert.Equal(pixels, again);
    }

    [Fact]
    public void SemaphoresAreCheckedBeforeAnythingIsSubmitted()
    {
        using TitokGenerationJob job = lent.Pipeline.Begin(s_request);
        TitokSemaphore[] missing = [default], many = [.. Enumerable.Repeat(new TitokSemaphore(1, 1), TitokJob.MaxSemaphores + 1)];
        Assert.Equal("waits", Assert.Throws<ArgumentException>(() => job.Submit(default, missing, default)).ParamName);
        Assert.StartsWith("waits[1] is null.", Assert.Throws<ArgumentException>(() => job.Submit(default, [new(1, 1), default], default)).Message, StringComparison.Ordinal);
        Assert.Equal("signals", Assert.Throws<ArgumentException>(() => job.Submit(default, default, missing)).ParamName);
        Assert.Throws<ArgumentException>(() => job.Submit(default, many, default));
        Assert.Equal(
            "signals", Assert.Throws<ArgumentException>(() => job.Submit(default, default, [new(lent.Device.TimelineSemaphore, 1 << 20)])).ParamName);
        Assert.True(job.IsIdle);
        Finish(job);
        // Where nothing is left, nobody would signal them.
        TitokSemaphore[] own = [new(lent.Device.TimelineSemaphore, 1)];
        Assert.Throws<InvalidOperationException>(() => job.Submit(default, own, default));
        Assert.Equal(-1, job.Submit().Number);
    }

    [Fact]
    public void ACacheFolderThatNoneCanBeIsRefusedByItsName() =>
        Assert.Equal("CacheFolder", Assert.Throws<ArgumentException>(() => TitokDevice.Create(new TitokDeviceOptions { CacheFolder = "a\0b" })).ParamName);

    [Fact]
    public void StepsArePreviewedSomewhere()
    {
        using TitokGenerationJob job = lent.Pipeline.Begin(s_request);
        Assert.Equal("output", Assert.Throws<ArgumentException>(() => job.SetOutput(null, previewSteps: true)).ParamName);
        Assert.False(job.PreviewSteps);
    }

    [Fact]
    public void CancellingWhatIsRecordedChangesNothing()
    {
        using TitokGenerationJob job = lent.Pipeline.Begin(s_request);
        int[] tokens = new int[lent.Pipeline.Generator.Info.LatentTokens], again = new int[tokens.Length];
        Finish(job);
        job.ReadTokens(tokens);
        job.Cancel();
        Assert.True(job.IsFinished && job.IsCancelled && job.IsRecorded);
        job.ReadTokens(again);
        Assert.Equal(tokens, again);

        job.Restart();
        Assert.False(job.IsCancelled);
        job.Submit(TitokSlice.Steps(1));
        job.Cancel();
        job.Wait(TestContext.Current.CancellationToken);
        Assert.True(job.IsRecorded && !job.IsFinished);
        Assert.Throws<InvalidOperationException>(() => job.ReadTokens(again));
    }

    [Fact]
    public void SlicesOfTheLibrarysOwnAreNeitherMarkedNorTakenBack()
    {
        using TitokGenerationJob job = lent.Pipeline.Begin(s_request);
        // Behind a semaphore that nobody has signalled yet, so that it is not executed.
        using var gate = new Gate(lent.Host.Vk, lent.Host.Device);
        TitokSliceInfo slice = job.Submit(TitokSlice.Steps(1), [gate.Opened], default);
        Assert.Throws<InvalidOperationException>(() => job.MarkExecuted(slice.Number));
        Assert.Throws<InvalidOperationException>(() => job.TakeBack(slice.Number));
        Assert.False(job.IsIdle);
        gate.Open();
        job.Wait(TestContext.Current.CancellationToken);
        Assert.True(job.IsIdle);
        job.MarkExecuted(slice.Number);
    }

    /// <summary>The second picture would find the image in the layout that the first has left it in.</summary>
    [Fact]
    public void AnImageThatIsWrittenAfterEveryStepHasOneLayout()
    {
        using TitokGenerationJob job = lent.Pipeline.Begin(s_request);
        var output = new TitokImageOutput { Image = 1, LayoutBefore = (int)ImageLayout.General };
        Assert.Equal("LayoutBefore", Assert.Throws<ArgumentException>(() => job.SetOutput(output, previewSteps: true)).ParamName);
        Assert.Null(job.Output);
        job.SetOutput(output);
        job.SetOutput(output with { LayoutBefore = (int)ImageLayout.Undefined }, previewSteps: true);
        job.SetOutput(output with { LayoutAfter = (int)ImageLayout.General }, previewSteps: true);
        job.SetOutput(null);
    }

    [Fact]
    public void WhatIsRefusedIsNamedByItsPlace()
    {
        int tokensPerPicture = lent.Pipeline.Tokenizer.Info.LatentTokens;
        int[] tokens = new int[2 * tokensPerPicture];
        tokens[tokensPerPicture + 1] = 1 << 20;
        Assert.Contains("tokens[1, 1]", Assert.Throws<ArgumentOutOfRangeException>(() => lent.Pipeline.Tokenizer.BeginDecode(tokens, 2)).Message, StringComparison.Ordinal);
        GenerationRequest request = s_request with { Classes = [3, 3] };
        Assert.Contains(
            "KnownTokens[1, 1]", Assert.Throws<ArgumentOutOfRangeException>(() => lent.Pipeline.Begin(request with { KnownTokens = tokens })).Message, StringComparison.Ordinal);
        Assert.Contains("Classes[1]", Assert.Throws<ArgumentOutOfRangeException>(() => lent.Pipeline.Begin(request with { Classes = [3, -1] })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OnlySlicesThatWereRecordedAreMarked()
    {
        using TitokGenerationJob job = lent.Pipeline.Begin(s_request);
        lent.Host.ThrowAwayFrame(commands => job.Record(commands.Handle, TitokSlice.Dispatches(3)));
        Assert.Throws<ArgumentOutOfRangeException>(() => job.MarkExecuted(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => job.MarkExecuted(-1));
        Assert.False(job.IsIdle);
        job.TakeBack(0);
    }

    [Fact]
    public void ASliceThatIsExecutedIsNotTakenBack()
    {
        using TitokGenerationJob job = lent.Pipeline.Begin(s_request);
        TitokSliceInfo slice = default;
        lent.Host.Frame(commands => slice = job.Record(commands.Handle, TitokSlice.Dispatches(3)));
        Assert.Throws<InvalidOperationException>(() => job.TakeBack(slice.Number));
        job.Dispose();
        Assert.Throws<ObjectDisposedException>(() => job.TakeBack(slice.Number));
    }

    [Fact]
    public void WaitsTakeTimesAsDotNetDoes()
    {
        using TitokGenerationJob job = lent.Pipeline.Begin(s_request);
        while (!job.IsRecorded)
        {
            job.Submit(TitokSlice.Everything);
            Assert.True(job.Wait(Timeout.InfiniteTimeSpan, TestContext.Current.CancellationToken));
        }
        Assert.True(job.IsFinished);
        Assert.Throws<ArgumentOutOfRangeException>(() => job.Wait(TimeSpan.FromSeconds(-2), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void NothingIsNull()
    {
        TitokPipeline pipeline = lent.Pipeline;
        Assert.Throws<ArgumentNullException>("device", () => TitokPipeline.Load(null!, "model"));
        Assert.Throws<ArgumentNullException>("tokenizerPath", () => TitokPipeline.Load(lent.Device, null!));
        Assert.Throws<ArgumentException>("path", () => TitokTokenizer.Load(lent.Device, ""));
        Assert.Throws<ArgumentNullException>("path", () => TitokGenerator.Load(lent.Device, null!));
        Assert.Throws<ArgumentNullException>("host", () => TitokDevice.Adopt(null!));
        Assert.Throws<ArgumentNullException>("request", () => pipeline.Generate(null!));
        Assert.Throws<ArgumentNullException>("request", () => pipeline.Begin(null!));
        Assert.Throws<ArgumentNullException>("request", () => pipeline.GenerateAsync(null!));
        Assert.Throws<ArgumentNullException>("Classes", () => pipeline.Begin(s_request with { Classes = null! }));
        Assert.Throws<ArgumentNullException>("Settings", () => pipeline.Begin(s_request with { Settings = null! }));
        Assert.Throws<ArgumentNullException>("pipeline", () => TitokBenchmark.Run(null!, 1, 1, 0, GenerationSettings.Demo));
        Assert.Throws<ArgumentNullException>("pipeline", () => TitokBenchmark.Ceilings(null!));
        Assert.Throws<ArgumentNullException>("device", () => new TitokSharedBuffer(null!, 1, TitokHandleType.OpaqueFileDescriptor));
        Assert.Throws<ArgumentNullException>("device", () => new TitokSharedSemaphore(null!, TitokHandleType.OpaqueFileDescriptor));
        Assert.Throws<ArgumentOutOfRangeException>("batch", () => TitokBenchmark.Profile(pipeline, 0, GenerationSettings.Demo));
    }

    [Fact]
    public void HandlesAreOfATypeThatThereIs()
    {
        const TitokHandleType None = (TitokHandleType)9;
        Assert.Throws<ArgumentOutOfRangeException>("handleType", () => new TitokSharedBuffer(lent.Device, 1, None));
        Assert.Throws<ArgumentOutOfRangeException>("handleType", () => new TitokSharedSemaphore(lent.Device, None));
    }

    [Fact]
    public void WhatIsDisposedOfSaysWhatItWas()
    {
        using var files = new CliModel();
        TitokDevice device = TestDevice.Open();
        TitokPipeline pipeline = TitokPipeline.Load(device, files.Folder, TestLoad.Fp32);
        TitokGenerationJob job = pipeline.Begin(s_request);
        job.Dispose();
        AssertNames<TitokJob>(() => job.Submit());
        using TitokGenerationJob left = pipeline.Begin(s_request);
        using TitokTokenizerJob decoding = pipeline.Tokenizer.BeginDecode(new int[pipeline.Tokenizer.Info.LatentTokens], 1);
        pipeline.Tokenizer.Dispose();
        foreach (Action use in (Action[])
            [() => left.Submit(TitokSlice.Dispatches(1)), () => left.Restart(5), () => left.Restart(), () => left.SetOutput(new TitokMemoryOutput()), () => decoding.Submit()])
            AssertNames<TitokTokenizer>(use);
        AssertNames<TitokTokenizer>(() => pipeline.Generate(s_request));
        AssertNames<TitokTokenizer>(() => pipeline.GenerateAsync(s_request));
        AssertNames<TitokTokenizer>(() => pipeline.Begin(s_request));
        AssertNames<TitokTokenizer>(() => pipeline.Tokenizer.BeginDecode(new int[8], 1));
        TitokPipeline other = TitokPipeline.Load(device, files.Folder, TestLoad.Fp32);
        pipeline.Dispose();
        AssertNames<TitokGenerator>(() => left.Submit());
        AssertNames<TitokGenerator>(() => pipeline.Begin(s_request));
        AssertNames<TitokGenerator>(() => pipeline.Generate(s_request));
        device.Dispose();
        AssertNames<TitokDevice>(() => TitokPipeline.Load(device, files.Folder));
        AssertNames<TitokDevice>(() => other.Generate(s_request));
        AssertNames<TitokDevice>(() => _ = device.TimelineSemaphore);
        other.Dispose();

        static void AssertNames<T>(Action use) => Assert.Equal(typeof(T).FullName, Assert.Throws<ObjectDisposedException>(use).ObjectName);
    }

    /// <summary>Progress is told on the caller's thread, which may do what it likes with the model.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void AModelThatIsDisposedOfWhileItIsAtWorkSaysSo(int step)
    {
        using var files = new CliModel();
        using (TitokPipeline pipeline = TitokPipeline.Load(lent.Device, files.Folder, TestLoad.Fp32))
            AssertStops<TitokGenerator>(pipeline, pipeline);
        using (TitokPipeline pipeline = TitokPipeline.Load(lent.Device, files.Folder, TestLoad.Fp32))
            AssertStops<TitokTokenizer>(pipeline, pipeline.Tokenizer);

        void AssertStops<T>(TitokPipeline pipeline, IDisposable disposed) => Assert.Equal(typeof(T).FullName, Assert.Throws<ObjectDisposedException>(() =>
            pipeline.Generate(s_request, new Told<GenerationStep>(told =>
            {
                if (told.Step == step)
                    disposed.Dispose();
            }), TestContext.Current.CancellationToken)).ObjectName);
    }

    [Fact]
    public async Task AModelThatIsDisposedOfBetweenAwaitedStepsSaysSo()
    {
        using var files = new CliModel();
        using TitokPipeline pipeline = TitokPipeline.Load(lent.Device, files.Folder, TestLoad.Fp32);
        await using IAsyncEnumerator<GenerationStep> steps =
            pipeline.GenerateAsync(s_request, cancellation: TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await steps.MoveNextAsync());
        pipeline.Dispose();
        ObjectDisposedException error = await Assert.ThrowsAsync<ObjectDisposedException>(async () => await steps.MoveNextAsync());
        Assert.Equal(typeof(TitokGenerator).FullName, error.ObjectName);
    }

    [Fact]
    public void WhatIsNotThereYetIsNotRead()
    {
        using TitokGenerationJob job = lent.Pipeline.Begin(s_request);
        int[] tokens = new int[lent.Pipeline.Generator.Info.LatentTokens];
        Assert.Throws<InvalidOperationException>(() => job.ReadTokens(tokens));
        Assert.Throws<ArgumentOutOfRangeException>("step", () => job.ReadTokens(0, tokens));
        Finish(job);
        job.ReadTokens(tokens);
        Assert.Throws<ArgumentException>("tokens", () => job.ReadTokens(new int[1]));
    }

    [Fact]
    public void SizesAndMiddlesAreOfSomething()
    {
        var output = new TitokMemoryOutput();
        Assert.Equal(2 * 8 * 8 * 4, output.SizeInBytes(2, 8));
        Assert.Throws<ArgumentOutOfRangeException>("pictures", () => output.SizeInBytes(-1, 8));
        Assert.Throws<ArgumentOutOfRangeException>("size", () => output.SizeInBytes(1, -8));
        Assert.Throws<OverflowException>(() => output.SizeInBytes(int.MaxValue, int.MaxValue));
        Assert.Throws<ArgumentException>("values", () => TitokBenchmarkResult.Median([]));
        Assert.Equal(2.5, TitokBenchmarkResult.Median([4, 1, 3, 2]));
    }

    [Fact]
    public void APictureJobTellsTheTokensThatItsPicturesWereDecodedFrom()
    {
        TitokTokenizer tokenizer = lent.Pipeline.Tokenizer;
        float[] images = lent.Pipeline.Generate(s_request, cancellation: TestContext.Current.CancellationToken).Images;
        int[] expected = tokenizer.Encode(images, 1), tokens = new int[expected.Length];
        using TitokTokenizerJob job = tokenizer.BeginReconstruct(images, 1);
        Assert.Throws<InvalidOperationException>(() => job.ReadTokens(tokens));
        Finish(job);
        job.ReadTokens(tokens);
        Assert.Equal(expected, tokens);
        Assert.Throws<ArgumentException>(() => job.ReadTokens(new int[1]));
        Assert.Throws<InvalidOperationException>(() => job.ReadLatents(new float[1]));
    }

    private static void Finish(TitokJob job)
    {
        while (!job.IsRecorded)
        {
            job.Submit(TitokSlice.Everything);
            job.Wait(TestContext.Current.CancellationToken);
        }
        Assert.True(job.IsFinished);
    }

    private sealed class Told<T>(Action<T> tell) : IProgress<T>
    {
        public void Report(T value) => tell(value);
    }
}
