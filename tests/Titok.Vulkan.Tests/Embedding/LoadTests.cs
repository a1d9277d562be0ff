using Titok.Vulkan.Engine;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Tests.Checkpoints;
using Titok.Vulkan.Tests.Cli;
using Titok.Vulkan.Tests.Engine;
using Titok.Vulkan.Tests.Gpu;

namespace Titok.Vulkan.Tests.Embedding;

/// <summary>How models come to a device: from where, told how far, and stopped on the way.</summary>
[Collection(GpuCollection.Name)]
public sealed class LoadTests(CliModel model) : IClassFixture<CliModel>
{
    private static readonly GenerationRequest s_request = new() { Classes = [6], Seed = 4, Settings = GenerationSettings.Demo with { Steps = 3 } };

    [Fact]
    public void AModelInMemoryIsTheOneOnDisk()
    {
        using TitokDevice device = TestDevice.Open();
        using TitokPipeline onDisk = TitokPipeline.Load(device, model.Folder, TestLoad.Fp32);
        using TitokPipeline inMemory = TitokPipeline.Load(device, "", TestLoad.Fp32 with { Files = FilesOf(model.Folder) });
        Assert.Equal(onDisk.Labels, inMemory.Labels);
        Assert.Equal(onDisk.Presets, inMemory.Presets);
        GenerationResult expected = onDisk.Generate(s_request), actual = inMemory.Generate(s_request);
        Assert.Equal(expected.Tokens, actual.Tokens);
        Assert.Equal(expected.Images, actual.Images);

        using TitokTokenizer tokenizer = TitokTokenizer.Load(device, "tokenizer", TestLoad.Fp32 with { Files = FilesOf(model.Folder) });
        Assert.Equal(onDisk.Tokenizer.Encode(expected.Images, 1), tokenizer.Encode(expected.Images, 1));
        using TitokGenerator generator = TitokGenerator.Load(device, "generator/model.safetensors", TestLoad.Fp32 with { Files = FilesOf(model.Folder) });
        Assert.Equal(expected.Tokens, generator.Generate(s_request));
        TestDevice.AssertNoMessages(device);
    }

    [Fact]
    public void OptionsAreOfTheirTypes()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new TitokLoadOptions { Precision = (TitokPrecision)7 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new TitokLoadOptions { GeneratorWeights = (TitokGeneratorWeights)7 });
        Assert.Throws<ArgumentOutOfRangeException>(() => TitokModelInfo.Read(model.Folder).TokenizerMemory((TitokPrecision)7));
    }

    /// <summary>After a device is disposed of nothing is left in use, and nobody asks the driver.</summary>
    [Fact]
    public void MemoryInUseIsKnownAfterTheDevice()
    {
        TitokDevice device = TestDevice.Open();
        using (TitokPipeline.Load(device, model.Folder, TestLoad.Fp32))
            Assert.NotEqual(0, device.MemoryInUseInBytes);
        device.Dispose();
        Assert.Equal(0, device.MemoryInUseInBytes);
    }

    /// <summary>Whatever is asked of the model then, in batches that nobody has asked for before.</summary>
    [Fact]
    public void NoFileIsNeededOnceAModelIsLoaded()
    {
        using var copy = new TemporaryFolder();
        copy.CopyFolder(model.Folder, "model");
        using TitokDevice device = TestDevice.Open();
        using TitokPipeline pipeline = TitokPipeline.Load(device, copy["model"], TestLoad.Fp32);
        using TitokTokenizer vae = TitokTokenizer.Load(device, CliModel.Vae, TestLoad.Fp32);
        if (OperatingSystem.IsLinux())
        {
            string maps = File.ReadAllText("/proc/self/maps");
            Assert.DoesNotContain(copy["model"], maps, StringComparison.Ordinal);
            Assert.DoesNotContain(CliModel.Vae, maps, StringComparison.Ordinal);
        }
        Directory.Delete(copy["model"], recursive: true);
        GenerationResult three = pipeline.Generate(s_request with { Classes = [1, 2, 3] });
        Assert.Equal(three.Tokens.Length, pipeline.Tokenizer.Encode(three.Images, 3).Length);
        pipeline.Generate(s_request with { Settings = s_request.Settings with { Guidance = 0 } });
        float[] pictures = new float[2 * 3 * vae.Info.ImageSize * vae.Info.ImageSize];
        Assert.NotEqual(vae.EncodeLatents(pictures, 2), vae.EncodeLatents(pictures, 2, seed: 1));
        TestDevice.AssertNoMessages(device);
    }

    [Fact]
    public void LoadingTellsHowFarItIs()
    {
        using TitokDevice device = TestDevice.Open();
        var told = new Told();
        using (TitokPipeline.Load(device, model.Folder, TestLoad.Fp32 with { Progress = told }))
            AssertWhole(told);
        // A part alone is all there is.
        using (TitokTokenizer.Load(device, model.Folder, TestLoad.Fp32 with { Progress = told = new Told() }))
            AssertWhole(told);
        using (TitokGenerator.Load(device, model.Folder, TestLoad.Fp32 with { Progress = told = new Told() }))
            AssertWhole(told);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.1)]
    [InlineData(0.9)]
    [InlineData(1)]
    public void LoadingCanBeCancelledAnywhere(double share)
    {
        using TitokDevice device = TestDevice.Open();
        // Once whole, so that what the device keeps for itself is there.
        TitokPipeline.Load(device, model.Folder, TestLoad.Fp32).Dispose();
        long before = device.MemoryInUseInBytes;
        using var cancellation = new CancellationTokenSource();
        var told = new Told { Action = value => CancelFrom(value) };
        Assert.ThrowsAny<OperationCanceledException>(() => TitokPipeline.Load(device, model.Folder, TestLoad.Fp32 with { Progress = told }, cancellation.Token));
        Assert.Equal(before, device.MemoryInUseInBytes);
        // Nothing is loaded after it was asked to stop.
        Assert.Equal(1, told.Shares.Count(value => value >= share));

        void CancelFrom(double value)
        {
            if (value >= share)
                cancellation.Cancel();
        }
    }

    [Fact]
    public void WhatProgressThrowsComesOutAndNothingStays()
    {
        using TitokDevice device = TestDevice.Open();
        TitokPipeline.Load(device, model.Folder, TestLoad.Fp32).Dispose();
        long before = device.MemoryInUseInBytes;
        var told = new Told { Action = value => throw new InvalidDataException($"at {value}") };
        Assert.Throws<InvalidDataException>(() => TitokPipeline.Load(device, model.Folder, TestLoad.Fp32 with { Progress = told }));
        Assert.Equal(before, device.MemoryInUseInBytes);
    }

    [Fact]
    public void WhatIsFoundOutIsKeptInTheFolderThatWasNamed()
    {
        using var folder = new TemporaryFolder();
        using (TitokDevice device = TitokDevice.Create(new TitokDeviceOptions { Device = Environment.GetEnvironmentVariable("TITOK_DEVICE"), CacheFolder = folder["own"] }))
            AssertKeeps(device, folder["own"]);
        using var host = new TestHost();
        using (TitokDevice device = TitokDevice.Adopt(host.Lend() with { CacheFolder = folder["hosts"] }))
            AssertKeeps(device, folder["hosts"]);
        using (TitokDevice device = TitokDevice.Adopt(host.Lend() with { CacheFolder = "" }))
        {
            KernelChoiceFile.For(device.Gpu).Write(new KernelChoice(KernelForm.Portable));
            Assert.Null(KernelChoiceFile.For(device.Gpu).Read());
            Assert.Null(device.Gpu.PipelineCache.FilePath);
        }
        host.AssertNoMessages();

        static void AssertKeeps(TitokDevice device, string folder)
        {
            var choice = new KernelChoice(KernelForm.Portable);
            KernelChoiceFile.For(device.Gpu).Write(choice);
            Assert.Equal(choice, KernelChoiceFile.For(device.Gpu).Read());
            Assert.Single(Directory.GetFiles(folder, "*.kernels"));
            Assert.Equal(folder, Path.GetDirectoryName(device.Gpu.PipelineCache.FilePath));
        }
    }

    private static void AssertWhole(Told told)
    {
        Assert.Equal(0, told.Shares[0]);
        Assert.Equal(1, told.Shares[^1]);
        Assert.True(told.Shares.Count > 10, $"told {told.Shares.Count} times");
        Assert.Equal(told.Shares.Order(), told.Shares);
    }

    private static TitokModelFiles FilesOf(string folder)
    {
        var files = new TitokModelFiles();
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
            files.Add(Path.GetRelativePath(folder, file).Replace(Path.DirectorySeparatorChar, '/'), File.ReadAllBytes(file));
        return files;
    }

    private sealed class Told : IProgress<double>
    {
        public List<double> Shares { get; } = [];

        public Action<double>? Action { get; init; }

        public void Report(double value)
        {
            Shares.Add(value);
            Action?.Invoke(value);
        }
    }
}
