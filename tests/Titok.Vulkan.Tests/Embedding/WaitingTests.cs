using Titok.Vulkan.Tests.Gpu;

namespace Titok.Vulkan.Tests.Embedding;

/// <summary>Calls that don't say that they wait, while the device's queue stands still.</summary>
[Collection(GpuCollection.Name)]
public sealed class WaitingTests(JobTests.Lent lent) : IClassFixture<JobTests.Lent>
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private static readonly GenerationRequest s_request = new() { Classes = [3], Seed = 11, Settings = GenerationSettings.Demo };

    [Fact]
    public async Task NothingWaitsThatDoesNotSaySo()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        float[] picture = new float[3 * lent.Pipeline.Tokenizer.Info.ImageSize * lent.Pipeline.Tokenizer.Info.ImageSize];
        using var gate = new Gate(lent.Host.Vk, lent.Host.Device);
        // Once with the queue open, for kernels and weights that calls make on the way.
        UseJobs(Finished(), Finished(), picture);
        Pass();
        long objects = lent.Device.LiveObjects;

        TitokGenerationJob finished = Finished(), idle = Finished(), blocked = lent.Pipeline.Begin(s_request);
        blocked.Submit(TitokSlice.Everything, [new TitokSemaphore(gate.Opened.Handle, gate.Opened.Value)], []);
        Task work = Task.Run(
            () =>
            {
                UseJobs(finished, idle, picture);
                Assert.False(blocked.IsFinished);
                Assert.False(blocked.Wait(TimeSpan.FromMilliseconds(1), cancellation));
                blocked.Dispose();
            },
            cancellation);
        bool inTime = await Task.WhenAny(work, Task.Delay(s_patience, cancellation)) == work;
        gate.Open();
        await work;
        Assert.True(inTime, "a call waited for the device");

        // What the device was still to use was kept until it had, and no longer.
        Pass();
        Assert.True(lent.Device.LiveObjects <= objects + 64, $"{objects} objects before, {lent.Device.LiveObjects} after");
        lent.Host.AssertNoMessages();
    }

    /// <summary>Everything that may happen in a frame.</summary>
    private void UseJobs(TitokGenerationJob finished, TitokGenerationJob idle, float[] picture)
    {
        int[] tokens = new int[lent.Pipeline.Generator.Info.LatentTokens];
        finished.ReadTokens(tokens);
        finished.SetOutput(new TitokMemoryOutput { Format = TitokPixelFormat.Bgra8 }, previewSteps: true);
        finished.Restart(5);
        finished.Restart(s_request with { Seed = 6 });
        finished.SetOutput(new TitokMemoryOutput { Format = TitokPixelFormat.PlanarFloat32 });
        finished.Dispose();
        idle.Dispose();
        using TitokGenerationJob generating = lent.Pipeline.Begin(s_request);
        using TitokTokenizerJob encoding = lent.Pipeline.Tokenizer.BeginEncode(picture, 1);
        using TitokTokenizerJob decoding = lent.Pipeline.Tokenizer.BeginDecode(tokens, 1);
        decoding.SetOutput(new TitokMemoryOutput());
        encoding.Restart(picture);
        encoding.Cancel();
        Assert.Equal(0, decoding.Progress);
    }

    private TitokGenerationJob Finished()
    {
        TitokGenerationJob job = lent.Pipeline.Begin(s_request);
        job.Submit(TitokSlice.Everything);
        job.Wait();
        Assert.True(job.IsFinished);
        return job;
    }

    /// <summary>Something is submitted, and the device is done with all that was before it.</summary>
    private void Pass()
    {
        for (int i = 0; i < 2; i++)
            Finished().Dispose();
    }
}
