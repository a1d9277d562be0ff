using Silk.NET.Vulkan;
using Titok.Vulkan.Tests.Cli;
using Titok.Vulkan.Tests.Gpu;

namespace Titok.Vulkan.Tests.Embedding;

/// <summary>Numbers and sizes that a program gives, on both sides of what they may be.</summary>
[Collection(GpuCollection.Name)]
public sealed class BoundsTests(JobTests.Lent lent) : IClassFixture<JobTests.Lent>
{
    private static readonly GenerationRequest s_request = new() { Classes = [3], Seed = 11, Settings = GenerationSettings.Demo with { Steps = 2 } };

    private readonly TitokTokenizer _tokenizer = lent.Pipeline.Tokenizer;

    private int PictureLength => 3 * _tokenizer.Info.ImageSize * _tokenizer.Info.ImageSize;

    [Fact]
    public void SlicesAreOfSomething()
    {
        foreach (double milliseconds in (double[])[0, -1, double.NaN, double.PositiveInfinity])
            Assert.Throws<ArgumentOutOfRangeException>("milliseconds", () => TitokSlice.Milliseconds(milliseconds));
        Assert.Throws<ArgumentOutOfRangeException>("count", () => TitokSlice.Dispatches(0));
        Assert.Throws<ArgumentOutOfRangeException>("count", () => TitokSlice.Steps(0));
    }

    [Fact]
    public void TokensAreOfTheCodebook()
    {
        int[] tokens = new int[_tokenizer.Info.LatentTokens];
        foreach (int outside in (int[])[-1, _tokenizer.Info.CodebookSize])
        {
            tokens[^1] = outside;
            Assert.Throws<ArgumentOutOfRangeException>("tokens", () => _tokenizer.BeginDecode(tokens, 1));
        }
        tokens[^1] = _tokenizer.Info.CodebookSize - 1;
        _tokenizer.BeginDecode(tokens, 1).Dispose();
    }

    [Fact]
    public void AJobTakesSoManyPicturesAndNoMore()
    {
        int most = _tokenizer.MaxPicturesPerJob, tokens = _tokenizer.Info.LatentTokens;
        _tokenizer.BeginDecode(new int[most * tokens], most).Dispose();
        Assert.Throws<ArgumentOutOfRangeException>("count", () => _tokenizer.BeginDecode(new int[(most + 1) * tokens], most + 1));
        most = lent.Pipeline.MaxPicturesPerJob;
        lent.Pipeline.Begin(s_request with { Classes = new int[most] }).Dispose();
        Assert.Throws<ArgumentOutOfRangeException>("request", () => lent.Pipeline.Begin(s_request with { Classes = new int[most + 1] }));
    }

    [Fact]
    public void ArraysAreAsLongAsTheirPictures()
    {
        int[] tokens = new int[_tokenizer.Info.LatentTokens];
        Assert.Throws<ArgumentOutOfRangeException>("count", () => _tokenizer.Decode([], 0));
        // So many that their number of tokens is 0 in 32 bits.
        Assert.Throws<ArgumentException>("tokens", () => _tokenizer.BeginDecode([], 1 << 30));
        Assert.Throws<ArgumentException>("images", () => _tokenizer.Encode(new float[PictureLength + 1], 1, tokens));
        Assert.Throws<ArgumentException>("images", () => _tokenizer.Decode(tokens, 1, new float[PictureLength + 1]));

        using TitokTokenizer vae = TitokTokenizer.Load(lent.Device, CliModel.Vae, TestLoad.Fp32);
        float[] latents = new float[vae.Info.LatentTokens * vae.Info.LatentChannels], images = new float[3 * vae.Info.ImageSize * vae.Info.ImageSize + 1];
        Assert.Throws<ArgumentException>("images", () => vae.EncodeLatents(images, 1, latents));
        Assert.Throws<ArgumentException>("images", () => vae.DecodeLatents(latents, 1, images));
        lent.Host.AssertNoMessages();
    }

    [Fact]
    public void WhatIsReadIsAsLargeAsThePictures()
    {
        using TitokGenerationJob job = lent.Pipeline.Begin(s_request);
        var output = new TitokMemoryOutput();
        job.SetOutput(output);
        JobTests.Run(job, TitokSlice.Everything);
        long bytes = output.SizeInBytes(1, _tokenizer.Info.ImageSize);
        foreach (int more in (int[])[-1, 1])
        {
            Assert.Throws<ArgumentException>("destination", () => job.ReadOutput(new byte[bytes + more]));
            Assert.Throws<ArgumentException>("destination", () => job.ReadImages(new float[PictureLength + more]));
        }
        Assert.Throws<ArgumentException>("Pixels", () => _tokenizer.BeginEncode(new TitokMemoryInput { Pixels = new byte[bytes + 1] }, 1));
    }

    [Fact]
    public void OutputsAreOfPlacesThatThereAre()
    {
        using TitokGenerationJob job = lent.Pipeline.Begin(s_request);
        foreach (ImageLayout layout in (ImageLayout[])[ImageLayout.Undefined, ImageLayout.Preinitialized])
            Assert.Throws<ArgumentOutOfRangeException>("LayoutAfter", () => job.SetOutput(new TitokImageOutput { Image = 1, LayoutAfter = (int)layout }));
        Assert.Throws<ArgumentOutOfRangeException>("Y", () => job.SetOutput(new TitokImageOutput { Image = 1, Y = -1 }));
        Assert.Throws<ArgumentException>("Buffer", () => job.SetOutput(new TitokBufferOutput { Buffer = 0 }));
        foreach (long offset in (long[])[-4, 2])
            Assert.Throws<ArgumentOutOfRangeException>("OffsetInBytes", () => job.SetOutput(new TitokBufferOutput { Buffer = 1, OffsetInBytes = offset }));
        job.SetOutput(new TitokBufferOutput { Buffer = 1, OffsetInBytes = 4 });
    }

    [Fact]
    public void ASubmissionTakesSoManySemaphores()
    {
        using TitokGenerationJob job = lent.Pipeline.Begin(s_request);
        using var timeline = new TestHostTimeline(lent.Host);
        timeline.Signal(1);
        TitokSemaphore[] most = [.. Enumerable.Repeat(timeline.At(1), TitokJob.MaxSemaphores)];
        Assert.Throws<ArgumentException>("waits", () => job.Submit(TitokSlice.Everything, [.. most, timeline.At(1)], []));
        Assert.Throws<ArgumentException>("signals", () => job.Submit(TitokSlice.Everything, [], [.. most, timeline.At(1)]));
        Assert.Equal(0, job.Submit(TitokSlice.Everything, most, []).Number);
        job.Wait(TestContext.Current.CancellationToken);
        Assert.True(job.IsFinished);
        lent.Host.AssertNoMessages();
    }

    /// <summary>Which the device tells nobody of, here, as none of them is submitted.</summary>
    [Fact]
    public void SlicesUpToTheOneThatIsMarkedAreExecuted()
    {
        using TitokGenerationJob job = lent.Pipeline.Begin(s_request);
        for (int slice = 0; slice < 3; slice++)
            lent.Host.ThrowAwayFrame(commands => Assert.Equal(slice, job.Record(commands.Handle, TitokSlice.Dispatches(3)).Number));
        Assert.Equal(0, job.Progress);
        job.MarkExecuted(1);
        double two = job.Progress;
        Assert.True(two > 0 && !job.IsIdle);
        job.MarkExecuted(2);
        Assert.True(job.Progress > two && job.IsIdle);
        job.Restart();
        Assert.Equal(0, job.Progress);
    }

    [Fact]
    public void SlicesGoIntoACommandBufferOfAModelAndADeviceThatAreThere()
    {
        using var files = new CliModel();
        using var host = new TestHost();
        using TitokDevice device = TitokDevice.Adopt(host.Lend());
        using TitokPipeline pipeline = TitokPipeline.Load(device, files.Folder, TestLoad.Fp32);
        using TitokGenerationJob job = pipeline.Begin(s_request);
        Assert.Throws<ArgumentException>("commandBuffer", () => job.Record(0));
        JobTests.Run(job, TitokSlice.Everything);
        using TitokGenerationJob left = pipeline.Begin(s_request);
        pipeline.Tokenizer.Dispose();
        host.ThrowAwayFrame(commands => Assert.Throws<ObjectDisposedException>(() => left.Record(commands.Handle)));
        Assert.Throws<ObjectDisposedException>(() => job.ReadImages(new float[PictureLength]));
        device.Gpu.SimulateLoss();
        host.ThrowAwayFrame(commands => Assert.Throws<DeviceLostException>(() => left.Record(commands.Handle)));
        host.AssertNoMessages();
    }
}
