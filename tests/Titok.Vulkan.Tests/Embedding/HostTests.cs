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
    public void WhatTheHostHasNotEnabledIsNamed()
    {
        using var host = new TestHost();
        MissingFeatureException error = Assert.Throws<MissingFeatureException>(() => TitokDevice.Adopt(host.Lend() with { EnabledFeatures = [] }));
        Assert.Equal("timelineSemaphore", error.Feature);
        Assert.Contains("has not enabled it", error.Message, StringComparison.Ordinal);
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

    /// <summary>The model's folder.</summary>
    public sealed class Files : IDisposable
    {
        private readonly CliModel _model = new();

        public string Folder => _model.Folder;

        public void Dispose() => _model.Dispose();
    }
}
