using System.Globalization;
using Titok.Vulkan.Tests.Gpu;

namespace Titok.Vulkan.Tests.Embedding;

/// <summary>Jobs that are recorded into a host's command buffers, or submitted to its queue.</summary>
[Collection(GpuCollection.Name)]
public sealed class HostJobTests(HostTests.Files files) : IClassFixture<HostTests.Files>
{
    private static readonly GenerationRequest s_request = new() { Classes = [6], Seed = 4, Settings = GenerationSettings.Demo with { Steps = 3 } };

    /// <summary>Kernels, memory and queries are made when a job is begun and told what to do: no frame of the host's waits for that.</summary>
    [Fact]
    public void RecordingMakesNothingAndSubmitsNothing()
    {
        using var host = new TestHost();
        int locks = 0;
        using TitokDevice device = TitokDevice.Adopt(host.Lend() with { LockQueue = () => locks++, UnlockQueue = () => { } });
        using TitokPipeline pipeline = TitokPipeline.Load(device, files.Folder);
        int locksOfLoading = locks;
        using TitokGenerationJob job = pipeline.Begin(s_request);
        // A reset of its queries.
        Assert.InRange(locks - locksOfLoading, 0, 1);
        job.SetOutput(new TitokMemoryOutput(), previewSteps: true);
        (int Locks, long Objects, long Memory, TimeSpan Building) Made() => (locks, device.LiveObjects, device.MemoryInUseInBytes, device.KernelBuildTime);
        var before = Made();
        while (!job.IsRecorded)
            host.Frame(commands => job.Record(commands.Handle, TitokSlice.Milliseconds(2)));
        Assert.Equal(before, Made());

        // Without guidance in some of its steps it needs another plan, which is made when it is asked for.
        job.Restart(s_request with { Settings = s_request.Settings with { Decay = GuidanceDecay.Linear } });
        Assert.Equal(before.Locks, locks);
        before = Made();
        while (!job.IsRecorded)
            host.Frame(commands => job.Record(commands.Handle, TitokSlice.Milliseconds(2)));
        Assert.Equal(before, Made());
        host.AssertNoMessages();
    }

    /// <summary>What a job needs beyond the model can be made before the first one, by one that is begun and disposed of.</summary>
    [Fact]
    public void AJobThatIsOnlyBegunLeavesAllThereForTheNext()
    {
        using var host = new TestHost();
        using TitokDevice device = TitokDevice.Adopt(host.Lend());
        using TitokPipeline pipeline = TitokPipeline.Load(device, files.Folder);
        var output = new TitokMemoryOutput { Format = TitokPixelFormat.Rgba8 };
        Begin().Dispose();
        long memory = device.MemoryInUseInBytes;
        TimeSpan building = device.KernelBuildTime;
        using TitokGenerationJob job = Begin();
        Assert.Equal((memory, building), (device.MemoryInUseInBytes, device.KernelBuildTime));
        while (!job.IsRecorded)
            host.Frame(commands => job.Record(commands.Handle, TitokSlice.Everything));
        Assert.Equal((memory, building), (device.MemoryInUseInBytes, device.KernelBuildTime));
        host.AssertNoMessages();

        TitokGenerationJob Begin()
        {
            TitokGenerationJob begun = pipeline.Begin(s_request);
            begun.SetOutput(output);
            return begun;
        }
    }

    /// <summary>A job's slices are asked about by both parts of its model, one of which may be gone by then.</summary>
    [Fact]
    public void APartOfAModelOutlivesTheOther()
    {
        using var host = new TestHost();
        using (TitokDevice device = TitokDevice.Adopt(host.Lend()))
        {
            using TitokPipeline pipeline = TitokPipeline.Load(device, files.Folder, TestLoad.Fp32);
            TitokGenerationJob job = pipeline.Begin(s_request);
            host.Frame(commands =>
            {
                job.Record(commands.Handle, TitokSlice.Everything);
                // Before the device has executed anything of it.
                job.Dispose();
            });
            pipeline.Generator.Dispose();
            using TitokTokenizerJob decoding = pipeline.Tokenizer.BeginDecode(new int[pipeline.Tokenizer.Info.LatentTokens * job.Pictures], job.Pictures);
            host.Frame(commands => decoding.Record(commands.Handle, TitokSlice.Everything));
            Assert.True(decoding.IsFinished);
        }
        host.AssertNoMessages();
    }

    [Fact]
    public unsafe void SlicesWaitForTheHostsSemaphoresAndSignalThem()
    {
        using var host = new TestHost();
        using TitokDevice device = TitokDevice.Adopt(host.Lend());
        using TitokPipeline pipeline = TitokPipeline.Load(device, files.Folder);
        using TitokGenerationJob job = pipeline.Begin(s_request);
        using var timeline = new TestHostTimeline(host);
        TitokSliceInfo slice = job.Submit(TitokSlice.Everything, [timeline.At(1)], [timeline.At(2)]);
        Assert.True(slice.IsLast);
        Assert.False(job.Wait(TimeSpan.FromMilliseconds(30)), "the slice has not waited");
        timeline.Signal(1);
        timeline.Wait(2);
        // Which of a submission's semaphores is signalled first is not said.
        Assert.True(job.Wait(TimeSpan.FromSeconds(60)) && job.IsFinished);
        ulong value;
        TestHost.Check(host.Vk.GetSemaphoreCounterValue(host.Device, new Silk.NET.Vulkan.Semaphore(device.TimelineSemaphore), &value));
        Assert.True(value >= slice.TimelineValue);
        host.AssertNoMessages();
    }

    /// <summary>
    /// The device is past the job's slice long before its command buffer is done, in which the host has put more: what that names must
    /// not be destroyed with the job.
    /// </summary>
    [Fact]
    public void AFinishedJobIsDisposedOfWhileItsCommandBufferIsPending()
    {
        using var host = new TestHost();
        using TitokDevice device = TitokDevice.Adopt(host.Lend());
        Assert.SkipWhen(device.Gpu.Physical.TimestampBits == 0, "Without timestamps only the host knows what is executed.");
        using TitokPipeline pipeline = TitokPipeline.Load(device, files.Folder);
        GenerationRequest once = s_request with { Settings = s_request.Settings with { Steps = 1 } };
        long alive = 0;
        for (int round = 0; round < 4; round++)
        {
            TitokGenerationJob job = pipeline.Begin(once), longer = pipeline.Begin(s_request);
            host.Frame(
                commands =>
                {
                    job.Record(commands.Handle, TitokSlice.Everything);
                    longer.Record(commands.Handle, TitokSlice.Everything);
                },
                wait: false);
            SpinWait.SpinUntil(() => job.IsFinished);
            job.Dispose();
            // With another job's own submission behind it, which is not done while the command buffer is not.
            pipeline.Begin(once).Dispose();
            // To the layers it is pending until it has been waited for.
            host.AssertNoMessages();
            TestHost.Check(host.Vk.QueueWaitIdle(host.Queue));
            longer.Dispose();
            // What was kept back goes with the next submissions.
            for (int i = 0; i < 3; i++)
                pipeline.Generate(once);
            if (round == 1)
                alive = device.LiveObjects;
        }
        Assert.Equal(alive, device.LiveObjects);
        host.AssertNoMessages();
    }

    /// <summary>
    /// Slices of which 4 ms were asked, of a small model or of the one that TITOK_SLICED_MODEL names: half of them are within
    /// three times that, which also a busy machine's are, and none is made of single dispatches only, which would be short but useless.
    /// </summary>
    [Fact]
    public void SlicesTakeAboutAsLongAsAsked()
    {
        using var host = new TestHost();
        using TitokDevice device = TitokDevice.Adopt(host.Lend());
        using TitokPipeline pipeline = TitokPipeline.Load(device, Environment.GetEnvironmentVariable("TITOK_SLICED_MODEL") ?? files.Folder);
        using TitokGenerationJob job = pipeline.Begin(s_request);
        double budget = 4;
        var taken = new List<double>();
        var dispatches = new List<int>();
        for (ulong seed = 0; seed < 20; seed++)
        {
            job.Restart(seed);
            int slices = 0;
            double last = double.NaN;
            for (; !job.IsRecorded; slices++)
            {
                host.Frame(commands => dispatches.Add(job.Record(commands.Handle, TitokSlice.Milliseconds(budget)).Dispatches));
                last = job.LastSliceMilliseconds;
                // The first pictures teach.
                if (seed >= 10 && !double.IsNaN(last))
                    taken.Add(last);
            }
            Assert.True(job.IsFinished);
            // A GPU makes the whole picture in 4 ms, which would tell nothing about slices.
            if (seed < 5 && slices == 1 && !double.IsNaN(last))
                budget = last / 5;
        }
        double[] sorted = [.. taken.Order()];
        string At(double share) => sorted[(int)(share * (sorted.Length - 1))].ToString("0.00", CultureInfo.InvariantCulture);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{device.Info.Name}: {sorted.Length} slices of {budget:0.00} ms in 10 pictures: median {At(.5)}, 90 % {At(.9)}, 99 % {At(.99)}, most {At(1)} ms; ")
            + $"dispatches a slice {dispatches.Skip(dispatches.Count / 2).Min()} to {dispatches.Skip(dispatches.Count / 2).Max()}");
        Assert.True(sorted.Length > 10, "all of the work went into a few slices");
        Assert.InRange(sorted[sorted.Length / 2], budget / 20, 3 * budget);
        Assert.True(dispatches.Skip(dispatches.Count / 2).Max() > 1, "every slice is one dispatch");
        host.AssertNoMessages();
    }

    /// <summary>What slices are expected to take is not told while it is a guess, and afterwards is what the device takes.</summary>
    [Fact]
    public void ExpectedTimesAreToldOnceTheyAreLearned()
    {
        using var host = new TestHost();
        using TitokDevice device = TitokDevice.Adopt(host.Lend());
        Assert.SkipUnless(device.Gpu.Physical.TimestampBits > 0, $"{device.Info.Name} has no timestamps");
        using TitokPipeline pipeline = TitokPipeline.Load(device, files.Folder);
        using TitokGenerationJob job = pipeline.Begin(s_request with { Settings = s_request.Settings with { Steps = 1 } });
        var ratios = new List<double>();
        for (int round = 0; round < 4; round++)
        {
            job.Restart();
            while (!job.IsRecorded)
            {
                double expected = double.NaN;
                host.Frame(commands => expected = job.Record(commands.Handle, TitokSlice.Milliseconds(4)).ExpectedMilliseconds);
                // A dispatch's first run teaches nothing, its second what it takes.
                Assert.Equal(round < 2, double.IsNaN(expected));
                if (round >= 2)
                    ratios.Add(expected / job.LastSliceMilliseconds);
            }
        }
        ratios.Sort();
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{ratios.Count} slices: expected over taken {ratios[0]:0.00} to {ratios[^1]:0.00}, median {ratios[ratios.Count / 2]:0.00}"));
        Assert.InRange(ratios[ratios.Count / 2], 0.1, 10);
        host.AssertNoMessages();
    }
}
