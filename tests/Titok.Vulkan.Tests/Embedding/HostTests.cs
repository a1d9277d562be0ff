using System.Globalization;
using Microsoft.Extensions.Logging;
using Silk.NET.Vulkan;
using Titok.Vulkan.Engine;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Tests.Checkpoints;
using Titok.Vulkan.Tests.Cli;
using Titok.Vulkan.Tests.Gpu;

namespace Titok.Vulkan.Tests.Embedding;

/// <summary>What a host lends, and that it gets all of it back.</summary>
[Collection(GpuCollection.Name)]
public sealed class HostTests(HostTests.Files files) : IClassFixture<HostTests.Files>
{
    private static readonly GenerationRequest s_request = new() { Classes = [6], Seed = 4, Settings = GenerationSettings.Demo with { Steps = 3 } };

    [Fact]
    public void TwoHostsAndADeviceOfOurOwnWorkAtOnce()
    {
        using var first = new TestHost();
        using var second = new TestHost(TitokProfile.Portable);
        using TitokDevice own = TitokDevice.Create(new TitokDeviceOptions { Device = Environment.GetEnvironmentVariable("TITOK_DEVICE") });
        using TitokDevice one = TitokDevice.Adopt(first.Lend()), two = TitokDevice.Adopt(second.Lend());
        int[][] tokens = new int[3][];
        Parallel.For(0, 3, i =>
        {
            using TitokPipeline pipeline = TitokPipeline.Load(new[] { own, one, two }[i], files.Folder, TestLoad.Fp32);
            tokens[i] = pipeline.Generate(s_request).Tokens;
        });
        Assert.Equal(tokens[0], tokens[1]);
        Assert.Equal(tokens[0], tokens[2]);
        first.AssertNoMessages();
        second.AssertNoMessages();
    }

    [Fact]
    public void WhatTheHostHasNotTurnedOnIsNamed()
    {
        using var host = new TestHost();
        MissingFeatureException error = Assert.Throws<MissingFeatureException>(() => TitokDevice.Adopt(host.Lend() with { EnabledFeatures = [] }));
        Assert.Equal("timelineSemaphore", error.Feature);
        Assert.Contains("has not turned it on", error.Message, StringComparison.Ordinal);
        Assert.Throws<MissingFeatureException>(() => TitokDevice.Adopt(host.Lend() with { ApiVersion = Vk.Version11 }));
        Assert.Throws<ArgumentException>(() => TitokDevice.Adopt(host.Lend() with { QueueFamily = 99 }));
        Assert.Throws<ArgumentException>(() => TitokDevice.Adopt(host.Lend() with { Queue = 0 }));
        Assert.Throws<ArgumentException>(() => TitokDevice.Adopt(host.Lend() with { LockQueue = () => { } }));
        host.AssertNoMessages();
    }

    [Fact]
    public void WhatTheDeviceCantStoreIsRefusedWithNoFileLeftOpen()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux tells what a process has mapped.");
        using var host = new TestHost(TitokProfile.Portable);
        using TitokDevice device = TitokDevice.Adopt(host.Lend());
        Assert.Throws<MissingFeatureException>(() => TitokTokenizer.Load(device, files.Folder, TestLoad.Fp16));
        Assert.Throws<MissingFeatureException>(() => TitokGenerator.Load(device, files.Folder, TestLoad.Fp16));
        Assert.DoesNotContain(files.Folder, File.ReadAllText("/proc/self/maps"), StringComparison.Ordinal);
    }

    /// <summary>Vulkan does not tell what a device was made with, so nothing else would show a name that is misspelt.</summary>
    [Fact]
    public void TheLogNamesWhatIsNotUsedAndWhatMeansNothing()
    {
        using var host = new TestHost();
        var log = new ListLog();
        TitokHostDevice lent = host.Lend() with { ApiVersion = Vk.Version13 };
        using (TitokDevice.Adopt(lent, log))
            Assert.DoesNotContain(log.Lines, line => line.Text.Contains("turned", StringComparison.Ordinal));
        string[] misspelt = [.. lent.EnabledFeatures.Where(name => name != "shaderInt64"), "shaderInt46"];
        Assert.SkipUnless(lent.EnabledFeatures.Contains("shaderInt64"), "The device has no 64-bit integers.");
        using (TitokDevice.Adopt(lent with { EnabledFeatures = misspelt }, log))
        {
            Assert.Contains(log.Lines, line => line.Level == LogLevel.Information && line.Text.Contains(" has shaderInt64,", StringComparison.Ordinal));
            Assert.Contains(log.Lines, line => line.Level == LogLevel.Warning && line.Text.Contains("shaderInt46", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void ALoadLogsTheKernels()
    {
        using var host = new TestHost();
        var log = new ListLog();
        using TitokDevice device = TitokDevice.Adopt(host.Lend(), log);
        using TitokTokenizer tokenizer = TitokTokenizer.Load(device, files.Folder, TestLoad.Fp32);
        (LogLevel level, string text) = Assert.Single(log.Lines, line => line.Text.Contains(" is given ", StringComparison.Ordinal));
        Assert.Equal(LogLevel.Information, level);
        Assert.EndsWith("in fp32", text, StringComparison.Ordinal);
    }

    [Fact]
    public void ItsNumberIsThatOfTheHostsInstance()
    {
        using var host = new TestHost();
        using TitokDevice device = TitokDevice.Adopt(host.Lend());
        Assert.Equal(host.Instance.PhysicalDevices.Single(d => d.Handle.Handle == host.Physical.Handle).Index, device.Info.Index);
        Assert.Equal(TitokDevice.List()[device.Info.Index].Uuid, device.Info.Uuid);
    }

    /// <summary>A host that goes by the list alone loses nothing.</summary>
    [Fact]
    public void WhatIsWantedHasTheNamesThatAHostGives()
    {
        using var host = new TestHost();
        TitokHostDevice lent = host.Lend();
        string[] wanted = [.. TitokRequirements.All.Select(r => r.Name)];
        Assert.Equal(wanted.Distinct(), wanted);
        Assert.Empty(lent.EnabledFeatures.Except(wanted));
        using TitokDevice asTold = TitokDevice.Adopt(lent), asListed = TitokDevice.Adopt(lent with { EnabledFeatures = wanted });
        Assert.Equal(asTold.Gpu.Physical.Features, asListed.Gpu.Physical.Features);
        host.AssertNoMessages();
    }

    [Fact]
    public void WhatIsExceptedIsNeitherWantedNorEnabled()
    {
        using var host = new TestHost();
        TitokRequirements Of(params string[] except) => TitokRequirements.Of(
            host.Instance.Handle.Handle, host.Physical.Handle, host.Instance.Functions.GetInstanceProcAddrPointer, except: except);
        using TitokRequirements all = Of();
        foreach (string name in all.Enabled.Where(n => TitokRequirements.All.Single(r => r.Name == n) is { IsRequired: false }))
        {
            using TitokRequirements less = Of(name);
            Assert.DoesNotContain(name, less.Enabled);
            Assert.DoesNotContain(name, less.DeviceExtensions);
            Assert.Null(less.WhyUnusable);
        }
        using TitokRequirements portable = Of("storageBuffer16BitAccess", "VK_NVX_binary_import");
        Assert.DoesNotContain("cooperativeMatrix", portable.Enabled);
        Assert.Contains("timelineSemaphore", Assert.Throws<ArgumentException>(() => Of("timelineSemaphore")).Message, StringComparison.Ordinal);
        Assert.Contains("'shaderFloat17'", Assert.Throws<ArgumentException>(() => Of("shaderFloat17")).Message, StringComparison.Ordinal);
    }

    /// <summary>Shaders of the extension are of a SPIR-V version that belongs to Vulkan 1.3, and each wants its own of the features.</summary>
    [Fact]
    public void MatrixReductionsAreUsedWhereAllThatTheyNeedIsOn()
    {
        using var host = new TestHost();
        TitokHostDevice lent = host.Lend() with { ApiVersion = Vk.Version13 };
        using TitokDevice all = TitokDevice.Adopt(lent);
        Assert.SkipUnless(all.Gpu.Physical.Features.MatrixReductions, $"{all.Gpu.Physical.Name} has no matrices whose rows can be reduced: VK_NV_cooperative_matrix2");
        using TitokDevice old = TitokDevice.Adopt(lent with { ApiVersion = Vk.Version12 });
        Assert.False(old.Gpu.Physical.Features.MatrixReductions);
        foreach (string name in (string[])["VK_NV_cooperative_matrix2", "cooperativeMatrixReductions", "maintenance4", "cooperativeMatrix"])
        {
            using TitokDevice less = TitokDevice.Adopt(lent with { EnabledFeatures = [.. lent.EnabledFeatures.Where(n => n != name)] });
            Assert.False(less.Gpu.Physical.Features.MatrixReductions, name);
        }
        host.AssertNoMessages();
    }

    [Fact]
    public void TheQueueIsLockedForEverySubmission()
    {
        using var host = new TestHost();
        int locked = 0, locks = 0;
        using TitokDevice device = TitokDevice.Adopt(host.Lend() with
        {
            LockQueue = () =>
            {
                Assert.Equal(1, Interlocked.Increment(ref locked));
                locks++;
            },
            UnlockQueue = () => Interlocked.Decrement(ref locked),
        });
        using TitokPipeline pipeline = TitokPipeline.Load(device, files.Folder);
        int before = locks;
        pipeline.Generate(s_request);
        Assert.True(locks >= before + 3, $"{locks - before} submissions for three steps");
        Assert.Equal(0, locked);
    }

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
    public unsafe void PipelinesAreBuiltWithTheHostsCache()
    {
        using var host = new TestHost();
        var info = new PipelineCacheCreateInfo { SType = StructureType.PipelineCacheCreateInfo };
        PipelineCache cache;
        TestHost.Check(host.Vk.CreatePipelineCache(host.Device, &info, null, &cache));
        using var folder = new TemporaryFolder();
        using (TitokDevice device = TitokDevice.Adopt(host.Lend() with { PipelineCache = cache.Handle, CacheFolder = folder.Root }))
        {
            Assert.Equal(cache.Handle, device.Gpu.PipelineCache.Handle.Handle);
            Assert.Null(device.Gpu.PipelineCache.FilePath);
            // What was found out about the device is kept all the same.
            KernelChoiceFile.For(device.Gpu).Write(new KernelChoice(KernelForm.Portable));
            Assert.Single(Directory.GetFiles(folder.Root, "*.kernels"));
            using TitokPipeline pipeline = TitokPipeline.Load(device, files.Folder);
            pipeline.Generate(s_request);
        }
        // Still the host's to destroy; the layers would say so otherwise.
        host.Vk.DestroyPipelineCache(host.Device, cache, null);
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
    /// Five hundred times, or TITOK_CYCLES, two at once; in the first half with a model every fiftieth time. Models in the
    /// half that is measured are another test's: some drivers keep what they have compiled.
    /// </summary>
    [Fact]
    public void AdoptingAgainAndAgainLeavesNothing()
    {
        int cycles = int.TryParse(Environment.GetEnvironmentVariable("TITOK_CYCLES"), CultureInfo.InvariantCulture, out int asked) ? asked : 500;
        // Without the layers: their own bookkeeping grows, and it is ours that is looked at.
        GpuFixture.NewInstance().Dispose();
        using var host = new TestHost(instance: () => GpuInstance.Create());
        long start = 0;
        for (int i = 0; i < cycles; i++)
        {
            if (i == cycles / 2)
                start = ResidentMemory.Measure();
            TitokDevice device = TitokDevice.Adopt(host.Lend()), other = TitokDevice.Adopt(host.Lend());
            if (i % 50 == 0 && i < cycles / 2)
            {
                using TitokPipeline pipeline = TitokPipeline.Load(device, files.Folder, TestLoad.Fp32);
                pipeline.Generate(s_request);
            }
            other.Dispose();
            device.Dispose();
            Assert.Equal(0, device.LiveObjects + other.LiveObjects);
        }
        long grown = ResidentMemory.Measure() - start;
        TestContext.Current.TestOutputHelper?.WriteLine($"{cycles} cycles, resident memory grew by {grown / 1024} KiB after the first half");
        // 500 adoptions that each kept 64 KiB would be 32 MiB; the driver's and runtime's own noise is below this.
        Assert.InRange(grown, long.MinValue, 16 << 20);
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

    /// <summary>The model's folder.</summary>
    public sealed class Files : IDisposable
    {
        private readonly CliModel _model = new();

        public string Folder => _model.Folder;

        public void Dispose() => _model.Dispose();
    }

    private sealed class ListLog : ILogger
    {
        public List<(LogLevel Level, string Text)> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add((logLevel, formatter(state, exception)));
    }
}
