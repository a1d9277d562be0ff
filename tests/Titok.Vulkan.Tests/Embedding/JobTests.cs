using System.Runtime.InteropServices;
using Silk.NET.Vulkan;
using Titok.Vulkan.Tests.Cli;
using Titok.Vulkan.Tests.Gpu;

namespace Titok.Vulkan.Tests.Embedding;

/// <summary>Jobs in slices, in a host's command buffers and on the library's queue, against the blocking calls.</summary>
[Collection(GpuCollection.Name)]
public sealed class JobTests(JobTests.Lent lent) : IClassFixture<JobTests.Lent>
{
    private static readonly GenerationSettings s_settings = new(8, 4.5f, GuidanceDecay.Linear, GenerationSettings.DefaultGuidancePower, 9.5f, Anneal: true);
    private static readonly GenerationRequest s_request = new() { Classes = [3, 7, 0], Seed = 11, Settings = s_settings };

    [Theory]
    [InlineData(1)]
    [InlineData(13)]
    [InlineData(1000)]
    public void SlicesInAHostsCommandBuffersGiveTheBlockingCallsPictures(int dispatches)
    {
        TitokPipeline pipeline = lent.Pipeline;
        GenerationResult expected = pipeline.Generate(s_request, cancellation: TestContext.Current.CancellationToken);
        int size = pipeline.Tokenizer.Info.ImageSize;
        using TestHostImage image = lent.Host.CreateImage(size, Format.R8G8B8A8Srgb, layers: 3);
        using TitokGenerationJob job = pipeline.Begin(s_request);
        job.SetOutput(new TitokImageOutput { Image = image.Image.Handle });
        int frames = 0, recorded = 0;
        while (!job.IsRecorded)
        {
            // Three frames on the way, as a renderer has them.
            lent.Host.Frame(
                commands => recorded += job.Record(commands.Handle, TitokSlice.Dispatches(dispatches)).Dispatches, frames % 3, wait: frames % 3 == 2);
            frames++;
        }
        lent.Host.Frame(_ => { }, frame: 3);
        Assert.True(job.IsFinished);
        Assert.Equal(1, job.Progress, 1e-9);
        int[] tokens = new int[expected.Tokens.Length];
        job.ReadTokens(tokens);
        Assert.Equal(expected.Tokens, tokens);
        Assert.Equal(Reference.Picture.ToBytes(expected.Images, 3, size, blueFirst: false, linear: false), Words(image.Read(ImageLayout.ShaderReadOnlyOptimal)));
        Assert.True(frames >= Math.Min(recorded / dispatches, 2), $"{recorded} dispatches in {frames} frames");
        lent.Host.AssertNoMessages();
    }

    [Theory]
    [InlineData("steps")]
    [InlineData("time")]
    [InlineData("everything")]
    public void SlicesOnTheLibrarysQueueGiveTheBlockingCallsPictures(string by)
    {
        TitokPipeline pipeline = lent.Pipeline;
        GenerationResult expected = pipeline.Generate(s_request, cancellation: TestContext.Current.CancellationToken);
        TitokSlice slice = by switch { "steps" => TitokSlice.Steps(3), "time" => TitokSlice.Milliseconds(2), _ => TitokSlice.Everything };
        using TitokGenerationJob job = pipeline.Begin(s_request);
        var output = new TitokMemoryOutput { Format = TitokPixelFormat.Bgra8 };
        job.SetOutput(output);
        for (int round = 0; round < 2; round++)
        {
            Run(job, slice);
            byte[] pixels = new byte[output.SizeInBytes(3, pipeline.Tokenizer.Info.ImageSize)];
            job.ReadOutput(pixels);
            Assert.Equal(Reference.Picture.ToBytes(expected.Images, 3, pipeline.Tokenizer.Info.ImageSize, blueFirst: true, linear: false), Words(pixels));
            float[] images = new float[expected.Images.Length];
            job.ReadImages(images);
            Assert.Equal(expected.Images, images);
            job.Restart(s_request);
        }
        lent.Host.AssertNoMessages();
    }

    [Fact]
    public void AnotherSeedIsAnotherRequest()
    {
        using TitokGenerationJob job = lent.Pipeline.Begin(s_request);
        job.Restart(99);
        Run(job, TitokSlice.Everything);
        int[] tokens = new int[3 * lent.Pipeline.Generator.Info.LatentTokens];
        job.ReadTokens(tokens);
        Assert.Equal(lent.Pipeline.Generate(s_request with { Seed = 99 }, cancellation: TestContext.Current.CancellationToken).Tokens, tokens);
    }

    [Fact]
    public void PicturesGoSideBySideIntoABuffersAndImagesOfTheHost()
    {
        TitokPipeline pipeline = lent.Pipeline;
        int size = pipeline.Tokenizer.Info.ImageSize;
        int[] tokens = [.. Enumerable.Range(0, 2 * pipeline.Tokenizer.Info.LatentTokens)];
        float[] expected = new float[2 * 3 * size * size];
        pipeline.Tokenizer.Decode(tokens, 2, expected);
        using TitokTokenizerJob job = pipeline.Tokenizer.BeginDecode(tokens, 2);
        using TestHostBuffer buffer = lent.Host.CreateBuffer(expected.Length * sizeof(float) + 256);
        job.SetOutput(new TitokBufferOutput { Buffer = buffer.Buffer.Handle, OffsetInBytes = 256, Format = TitokPixelFormat.PlanarFloat32 });
        Run(job, TitokSlice.Default);
        Assert.Equal(expected, MemoryMarshal.Cast<byte, float>(buffer.Read().AsSpan(256)).ToArray());

        using TestHostImage image = lent.Host.CreateImage(4 * size, Format.R16G16B16A16Sfloat);
        lent.Host.Frame(commands => image.Change(commands, ImageLayout.Undefined, ImageLayout.General));
        job.SetOutput(new TitokImageOutput
        {
            Image = image.Image.Handle,
            Format = TitokPixelFormat.Rgba16Float,
            Columns = 2,
            X = 5,
            Y = 7,
            LayoutBefore = (int)ImageLayout.General,
            LayoutAfter = (int)ImageLayout.General,
        });
        lent.Host.Frame(commands => job.Record(commands.Handle, TitokSlice.Everything));
        Assert.True(job.IsFinished);
        Half[] pixels = MemoryMarshal.Cast<byte, Half>(image.Read(ImageLayout.General)).ToArray();
        for (int picture = 0; picture < 2; picture++)
        {
            for (int channel = 0; channel < 3; channel++)
            {
                int at = ((7 + 3) * 4 * size + 5 + picture * size + 2) * 4 + channel;
                float want = expected[((picture * 3 + channel) * size + 3) * size + 2];
                Assert.Equal(want, (float)pixels[at], MathF.Abs(want) / 512 + 1e-4f);
            }
        }
        lent.Host.AssertNoMessages();
    }

    [Fact]
    public void ReconstructingInSlicesIsEncodingAndDecoding()
    {
        TitokTokenizer tokenizer = lent.Pipeline.Tokenizer;
        var random = new Random(3);
        float[] pictures = [.. Enumerable.Range(0, 2 * 3 * tokenizer.Info.ImageSize * tokenizer.Info.ImageSize).Select(_ => random.NextSingle())];
        float[] expected = new float[pictures.Length], actual = new float[pictures.Length];
        tokenizer.Decode(tokenizer.Encode(pictures, 2), 2, expected);
        using TitokTokenizerJob job = tokenizer.BeginReconstruct(pictures, 2);
        Run(job, TitokSlice.Dispatches(5));
        job.ReadImages(actual);
        Assert.Equal(expected, actual);
        lent.Host.AssertNoMessages();
    }

    [Fact]
    public void LatentsGoInAsTheyComeOut()
    {
        using TitokTokenizer tokenizer = TitokTokenizer.Load(lent.Device, CliModel.Vae, TestLoad.Fp32);
        var random = new Random(4);
        float[] pictures = [.. Enumerable.Range(0, 2 * 3 * tokenizer.Info.ImageSize * tokenizer.Info.ImageSize).Select(_ => random.NextSingle())];
        float[] mean = tokenizer.EncodeLatents(pictures, 2), sample = tokenizer.EncodeLatents(pictures, 2, seed: 5);
        float[] ofMean = new float[pictures.Length], ofSample = new float[pictures.Length], actual = new float[pictures.Length];
        tokenizer.DecodeLatents(mean, 2, ofMean);
        tokenizer.DecodeLatents(sample, 2, ofSample);
        Assert.NotEqual(ofMean, ofSample);
        using (TitokTokenizerJob job = tokenizer.BeginDecodeLatents(mean, 2))
        {
            Run(job, TitokSlice.Dispatches(5));
            job.ReadImages(actual);
            Assert.Equal(ofMean, actual);
            job.RestartLatents(sample);
            Run(job, TitokSlice.Everything);
            job.ReadImages(actual);
            Assert.Equal(ofSample, actual);
            Assert.Throws<ArgumentException>(() => job.RestartLatents(mean.AsSpan(1)));
            Assert.Throws<InvalidOperationException>(() => job.Restart(pictures));
            Assert.Throws<InvalidOperationException>(() => job.Restart([1, 2]));
        }
        using (TitokTokenizerJob job = tokenizer.BeginReconstruct(pictures, 2))
        {
            Run(job, TitokSlice.Default);
            job.ReadImages(actual);
            Assert.Equal(ofMean, actual);
            Assert.Throws<InvalidOperationException>(() => job.RestartLatents(mean));
        }
        Assert.Throws<InvalidOperationException>(() => tokenizer.BeginDecode([1], 1));
        Assert.Throws<InvalidOperationException>(() => lent.Pipeline.Tokenizer.BeginDecodeLatents(mean, 2));
        lent.Host.AssertNoMessages();
    }

    /// <summary>The same picture again and again: what tells its latents apart is the seed, which goes on behind a batch.</summary>
    [Fact]
    public void LatentsBehindABatchAreSampledByTheirOwnSeeds()
    {
        using TitokTokenizer tokenizer = TitokTokenizer.Load(lent.Device, CliModel.Vae, TestLoad.Fp32);
        int behind = tokenizer.MaxPicturesPerJob, latents = tokenizer.Info.LatentTokens * tokenizer.Info.LatentChannels;
        float[] picture = new float[3 * tokenizer.Info.ImageSize * tokenizer.Info.ImageSize];
        float[] together = tokenizer.EncodeLatents([.. Enumerable.Repeat(picture, behind + 1).SelectMany(p => p)], behind + 1, seed: 5);
        Assert.Equal(tokenizer.EncodeLatents(picture, 1, seed: 5 + (ulong)behind), together[^latents..]);
        Assert.NotEqual(together[..latents], together[^latents..]);
    }

    /// <summary>A step's last dispatches write what they read, so that none may be done twice.</summary>
    [Fact]
    public void WhereverAJobIsCutTheRestIsTheRest()
    {
        GenerationRequest request = s_request with { Classes = [6], Settings = s_settings with { Steps = 2 } };
        int[] expected = lent.Pipeline.Generate(request, cancellation: TestContext.Current.CancellationToken).Tokens, tokens = new int[expected.Length];
        using TitokGenerationJob job = lent.Pipeline.Begin(request);
        int step = lent.Pipeline.Generator.Engine.Plans.Step(1, 2, guided: false).Dispatches.Length;
        for (int cut = step - 4; cut <= step + 1; cut++)
        {
            job.Restart();
            Assert.Equal(cut, job.Submit(TitokSlice.Dispatches(cut)).Dispatches);
            Run(job, TitokSlice.Everything);
            job.ReadTokens(tokens);
            Assert.Equal(expected, tokens);
        }
        lent.Host.AssertNoMessages();
    }

    [Fact]
    public void PreviewsShowEveryStepsGuess()
    {
        TitokPipeline pipeline = lent.Pipeline;
        int size = pipeline.Tokenizer.Info.ImageSize, latents = pipeline.Generator.Info.LatentTokens;
        using TitokGenerationJob job = pipeline.Begin(s_request with { Classes = [5] });
        job.SetOutput(new TitokMemoryOutput(), previewSteps: true);
        byte[][] shown = new byte[job.Steps][];
        int[] ids = new int[latents];
        for (int step = 0; step < job.Steps; step++)
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => job.ReadTokens(step, ids));
            Assert.Equal(step + 1, job.Submit(TitokSlice.Steps(1)).StepsRecorded);
            job.Wait(TestContext.Current.CancellationToken);
            Assert.Equal(step + 1, job.StepsExecuted);
            shown[step] = new byte[size * size * 4];
            job.ReadOutput(shown[step]);
            job.ReadTokens(step, ids);
            Assert.Equal(step < job.Steps - 1, ids.Contains(pipeline.Generator.Info.CodebookSize));
        }
        Assert.True(job.IsFinished);
        Assert.NotEqual(shown[0], shown[^1]);
        float[] expected = new float[3 * size * size];
        pipeline.Tokenizer.Decode(ids, 1, expected);
        Assert.Equal(Reference.Picture.ToBytes(expected, 1, size, blueFirst: false, linear: false), Words(shown[^1]));
        lent.Host.AssertNoMessages();
    }

    /// <summary>A step's tokens are there before its picture is.</summary>
    [Fact]
    public void APreviewIsReadOnlyOnceItIsThere()
    {
        TitokPipeline pipeline = lent.Pipeline;
        int size = pipeline.Tokenizer.Info.ImageSize;
        using TitokGenerationJob job = pipeline.Begin(s_request with { Classes = [5] });
        job.SetOutput(new TitokMemoryOutput(), previewSteps: true);
        byte[] pixels = new byte[size * size * 4];
        int early = 0;
        for (int outputs = 0; outputs == 0;)
        {
            if (job.StepsExecuted > 0)
            {
                early++;
                Assert.Throws<InvalidOperationException>(() => job.ReadOutput(pixels));
            }
            outputs = job.Submit(TitokSlice.Dispatches(1)).OutputsRecorded;
            job.Wait(TestContext.Current.CancellationToken);
        }
        Assert.True(early > 0, "the first step and its picture came in one slice");
        job.ReadOutput(pixels);
        Assert.Throws<InvalidOperationException>(() => job.ReadImages(new float[3 * size * size]));
        lent.Host.AssertNoMessages();
    }

    [Fact]
    public void KnownTokensStayAsTheyAre()
    {
        TitokPipeline pipeline = lent.Pipeline;
        int latents = pipeline.Generator.Info.LatentTokens;
        int[] known = [.. Enumerable.Range(0, latents).Select(i => i % 2 == 0 ? 40 + i : -1)];
        GenerationRequest request = s_request with { Classes = [2], KnownTokens = known };
        int[] tokens = pipeline.Generate(request, cancellation: TestContext.Current.CancellationToken).Tokens;
        for (int i = 0; i < latents; i += 2)
            Assert.Equal(known[i], tokens[i]);
        Assert.All(tokens, t => Assert.InRange(t, 0, pipeline.Generator.Info.CodebookSize - 1));
        // With all given nothing is chosen; with none it is the plain request.
        Assert.Equal(tokens, pipeline.Generate(request with { KnownTokens = tokens }, cancellation: TestContext.Current.CancellationToken).Tokens);
        Assert.Equal(
            pipeline.Generate(request with { KnownTokens = null }, cancellation: TestContext.Current.CancellationToken).Tokens,
            pipeline.Generate(request with { KnownTokens = [.. Enumerable.Repeat(-1, latents)] }, cancellation: TestContext.Current.CancellationToken).Tokens);
        Assert.Throws<ArgumentOutOfRangeException>(() => pipeline.Begin(request with { KnownTokens = [.. Enumerable.Repeat(pipeline.Generator.Info.CodebookSize, latents)] }));
        Assert.Throws<ArgumentException>(() => pipeline.Begin(request with { KnownTokens = [1] }));
        lent.Host.AssertNoMessages();
    }

    [Fact]
    public void ASliceThatTheHostThrewAwayIsRecordedAgain()
    {
        GenerationResult expected = lent.Pipeline.Generate(s_request, cancellation: TestContext.Current.CancellationToken);
        using TitokGenerationJob job = lent.Pipeline.Begin(s_request);
        lent.Host.Frame(commands => job.Record(commands.Handle, TitokSlice.Dispatches(20)));
        for (int i = 0; i < 3; i++)
        {
            TitokSliceInfo slice = default;
            lent.Host.ThrowAwayFrame(commands => slice = job.Record(commands.Handle, TitokSlice.Dispatches(50)));
            job.TakeBack(slice.Number);
            Assert.Throws<InvalidOperationException>(() => job.TakeBack(slice.Number));
        }
        lent.Host.Frame(commands => job.Record(commands.Handle, TitokSlice.Everything));
        int[] tokens = new int[expected.Tokens.Length];
        job.ReadTokens(tokens);
        Assert.Equal(expected.Tokens, tokens);
        lent.Host.AssertNoMessages();
    }

    [Fact]
    public void ACancelledJobLeavesTheNextAlone()
    {
        GenerationResult expected = lent.Pipeline.Generate(s_request, cancellation: TestContext.Current.CancellationToken);
        TitokGenerationJob cancelled = lent.Pipeline.Begin(s_request with { Seed = 5 });
        cancelled.Submit(TitokSlice.Dispatches(40));
        cancelled.Cancel();
        Assert.True(cancelled.IsRecorded);
        Assert.Equal(-1, cancelled.Submit().Number);
        cancelled.Dispose();
        Assert.Throws<ObjectDisposedException>(() => cancelled.Submit());
        using TitokGenerationJob job = lent.Pipeline.Begin(s_request);
        Run(job, TitokSlice.Steps(1));
        int[] tokens = new int[expected.Tokens.Length];
        job.ReadTokens(tokens);
        Assert.Equal(expected.Tokens, tokens);
        lent.Host.AssertNoMessages();
    }

    [Fact]
    public void AJobWhoseSlicesAreOnTheWayIsNotRestarted()
    {
        using TitokGenerationJob job = lent.Pipeline.Begin(s_request);
        lent.Host.ThrowAwayFrame(commands =>
        {
            job.Record(commands.Handle, TitokSlice.Dispatches(3));
            job.Record(commands.Handle, TitokSlice.Dispatches(3));
        });
        Assert.False(job.IsIdle);
        Assert.Throws<InvalidOperationException>(() => job.Restart(1));
        Assert.Throws<InvalidOperationException>(() => job.SetOutput(new TitokMemoryOutput()));
        // The latest first.
        Assert.Throws<InvalidOperationException>(() => job.TakeBack(0));
        job.TakeBack(1);
        job.TakeBack(0);
        job.Restart(1);
    }

    /// <summary>As many slices as a job may have on the way, and what comes of it once they are executed.</summary>
    [Fact]
    public void NoMoreThanSixteenSlicesAreOnTheWay()
    {
        const int most = 16;
        int[] expected = lent.Pipeline.Generate(s_request, cancellation: TestContext.Current.CancellationToken).Tokens, tokens = new int[expected.Length];
        using TitokGenerationJob job = lent.Pipeline.Begin(s_request);
        lent.Host.Frame(commands =>
        {
            for (int slice = 0; slice < most; slice++)
                Assert.Equal(slice, job.Record(commands.Handle, TitokSlice.Dispatches(1)).Number);
            Assert.Equal(-1, job.Record(commands.Handle, TitokSlice.Dispatches(1)).Number);
        });
        using var gate = new TestHostTimeline(lent.Host);
        for (int slice = 0; slice < most; slice++)
            Assert.Equal(most + slice, job.Submit(TitokSlice.Dispatches(1), slice == 0 ? [gate.At(1)] : [], []).Number);
        long refused = job.Submit(TitokSlice.Dispatches(1), [gate.At(1)], []).Number;
        gate.Signal(1);
        Assert.Equal(-1, refused);
        job.Wait(TestContext.Current.CancellationToken);
        Run(job, TitokSlice.Everything);
        job.ReadTokens(tokens);
        Assert.Equal(expected, tokens);
        lent.Host.AssertNoMessages();
    }

    /// <summary>Submits all of a job, and waits for it.</summary>
    internal static void Run(TitokJob job, TitokSlice slice)
    {
        while (!job.IsRecorded)
        {
            if (job.Submit(slice).Number < 0)
                job.Wait(TestContext.Current.CancellationToken);
        }
        job.Wait(TestContext.Current.CancellationToken);
        Assert.True(job.IsFinished);
    }

    private static uint[] Words(byte[] bytes) => MemoryMarshal.Cast<byte, uint>(bytes).ToArray();

    /// <summary>One host and model for all tests of the class.</summary>
    public sealed class Lent : IDisposable
    {
        private readonly CliModel _files = new();
        private TitokDevice? _device;

        internal TestHost Host => field ??= new TestHost();

        internal TitokPipeline Pipeline => field ??= TitokPipeline.Load(Device, _files.Folder, TestLoad.Fp32);

        internal TitokDevice Device => _device ??= TitokDevice.Adopt(Host.Lend());

        public void Dispose()
        {
            if (_device is not null)
            {
                Pipeline.Dispose();
                _device.Dispose();
                Host.AssertNoMessages();
                Host.Dispose();
            }
            _files.Dispose();
        }
    }
}
