using System.Runtime.InteropServices;
using Titok.Vulkan.Engine;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Models;
using Titok.Vulkan.Tests.Cli;
using Titok.Vulkan.Tests.Gpu;

namespace Titok.Vulkan.Tests.Engine;

/// <summary>How much is submitted at a time, and that it makes no difference to what comes out.</summary>
[Collection(GpuCollection.Name)]
public class SubmissionSizeTests
{
    [Fact]
    public void GpusThatMayBeSlowGetLessThanAStep()
    {
        var portable = new KernelProfile(KernelForm.Portable, DataType.Float16);
        KernelProfile multiplyAdd = new KernelProfile(KernelForm.MultiplyAdd, DataType.Float16) { Unit = GemmUnit.OfMultiplyAdds(32 << 10, maxInvocations: 1024) };
        KernelProfile matrix = new KernelProfile(KernelForm.Matrix, DataType.Float16) { Unit = new GemmUnit(16, 16, 16, 32, 48 << 10) };
        Assert.False(SubmissionSize.Longest(Device(TitokDeviceType.Discrete), portable).IsWhole);
        Assert.False(SubmissionSize.Longest(Device(TitokDeviceType.Integrated), portable).IsWhole);
        Assert.False(SubmissionSize.Longest(Device(TitokDeviceType.Discrete), multiplyAdd).IsWhole);
        Assert.False(SubmissionSize.Longest(Device(TitokDeviceType.Integrated), matrix).IsWhole);
        Assert.True(SubmissionSize.Longest(Device(TitokDeviceType.Discrete), matrix).IsWhole);
        Assert.True(SubmissionSize.Longest(Device(TitokDeviceType.Cpu), portable).IsWhole);
        Assert.Equal(1, SubmissionSize.Longest(Device(TitokDeviceType.Integrated), portable).Steps);
    }

    [Fact]
    public void PartsOfStepsTellTheSameTokensAsSteps()
    {
        using var files = new CliModel();
        using TitokDevice device = TestDevice.Open();
        using TitokPipeline pipeline = TitokPipeline.Load(device, files.Folder, TestLoad.Fp32);
        var request = new GenerationRequest { Classes = [3, 5], Seed = 11, Settings = GenerationSettings.Demo };
        List<int[]> whole = Run(SliceBudget.OfSteps(1)), parts = Run(SliceBudget.OfDispatches(7) with { Steps = 1 });
        Assert.Equal(request.Settings.Steps, whole.Count);
        Assert.Equal(whole, parts);
        TestDevice.AssertNoMessages(device);

        List<int[]> Run(SliceBudget slice)
        {
            var told = new List<int[]>();
            using var job = new GenerationJob(pipeline.Generator.Engine, pipeline.Tokenizer.Engine, 2, request.Settings.Steps);
            job.Set(request, 0);
            job.RunToEnd(
                slice,
                step =>
                {
                    Assert.Equal(told.Count, step);
                    told.Add(job.Ids(step).ToArray());
                },
                TestContext.Current.CancellationToken);
            Assert.True(job.IsFinished);
            return told;
        }
    }

    [Fact]
    public async Task RequestsInPartsOfStepsGiveTheSame()
    {
        using var files = new CliModel();
        using TitokDevice device = TestDevice.Open();
        using TitokPipeline pipeline = TitokPipeline.Load(device, files.Folder, TestLoad.Fp32);
        var request = new GenerationRequest { Classes = [3, 5], Seed = 11, Settings = GenerationSettings.Demo };
        GenerationResult expected = pipeline.Generate(request, cancellation: TestContext.Current.CancellationToken);
        List<GenerationStep> whole = await Steps();
        pipeline.Generator.Engine.LongestSlice = SliceBudget.OfDispatches(7) with { Steps = 1 };
        GenerationResult result = pipeline.Generate(request, cancellation: TestContext.Current.CancellationToken);
        List<GenerationStep> parts = await Steps();
        Assert.Equal(expected.Tokens, result.Tokens);
        Assert.Equal(expected.Images, result.Images);
        Assert.Equal(whole.Select(s => s.Tokens), parts.Select(s => s.Tokens));
        Assert.Equal(whole.Select(s => s.Images!), parts.Select(s => s.Images!));
        TestDevice.AssertNoMessages(device);

        async Task<List<GenerationStep>> Steps()
        {
            var steps = new List<GenerationStep>();
            await foreach (GenerationStep step in pipeline.GenerateAsync(request, previews: true, TestContext.Current.CancellationToken))
                steps.Add(step);
            return steps;
        }
    }

    [Fact]
    public void PartsOfAPlanMakeTheSamePictures()
    {
        using var files = new CliModel();
        using TitokDevice device = TestDevice.Open();
        using TitokTokenizer tokenizer = TitokTokenizer.Load(device, files.Folder, TestLoad.Fp32);
        int[] tokens = [.. Enumerable.Range(0, 2 * tokenizer.Info.LatentTokens).Select(i => i % tokenizer.Info.CodebookSize)];
        float[] expected = new float[2 * tokenizer.Engine.PictureLength], images = new float[expected.Length];
        tokenizer.Decode(tokens, 2, expected);

        TokenizerRun run = tokenizer.Engine.Rent(TokenizerWork.Decode, 2);
        device.Gpu.Upload(run[TokenizerPlans.Ids], 0, MemoryMarshal.AsBytes(tokens.AsSpan()));
        device.Gpu.Upload(run[TokenizerPlans.Image], 0, new byte[images.Length * sizeof(float)]);
        using (var job = new PlanJob(device.Gpu, run.Plan))
            job.RunToEnd(SliceBudget.OfDispatches(3), null, TestContext.Current.CancellationToken);
        device.Gpu.Download(run[TokenizerPlans.Image], 0, MemoryMarshal.AsBytes(images.AsSpan()));
        tokenizer.Engine.Return(run);
        Assert.Equal(expected, images);
        TestDevice.AssertNoMessages(device);
    }

    /// <summary>A GPU that is slower than was guessed would otherwise be given too much at a time, again and again.</summary>
    [Fact]
    public void WhatPartsTakeIsLearned()
    {
        using var files = new CliModel();
        using TitokDevice device = TestDevice.Open();
        Assert.SkipUnless(device.Gpu.Physical.TimestampBits > 0, $"{device.Info.Name} has no timestamps");
        using TitokTokenizer tokenizer = TitokTokenizer.Load(device, files.Folder, TestLoad.Fp32);
        TokenizerRun run = tokenizer.Engine.Rent(TokenizerWork.Decode, 2);
        PlanCosts costs = run.Plan.Costs;
        double guess = costs[0];
        // The first run of a dispatch teaches nothing.
        for (int round = 0; round < 2; round++)
        {
            using var job = new PlanJob(device.Gpu, run.Plan);
            job.RunToEnd(SliceBudget.OfTime(5), null, TestContext.Current.CancellationToken);
        }
        Assert.NotEqual(guess, costs[0]);
        tokenizer.Engine.Return(run);
        TestDevice.AssertNoMessages(device);
    }

    /// <summary>Who measures must not give a slow GPU more at a time than who generates does.</summary>
    [Fact]
    public void BenchmarksGoByPartsWhereRequestsDo()
    {
        using var files = new CliModel();
        using TitokDevice device = TestDevice.Open();
        Assert.SkipUnless(device.Gpu.Physical.TimestampBits > 0, $"{device.Info.Name} has no timestamps");
        using TitokPipeline pipeline = TitokPipeline.Load(device, files.Folder, TestLoad.Fp32);
        GenerationSettings settings = GenerationSettings.Demo;
        TitokBenchmarkResult whole = TitokBenchmark.Run(pipeline, 2, 2, 0, settings, cancellation: TestContext.Current.CancellationToken);
        IReadOnlyDictionary<string, IReadOnlyList<TitokKernelTime>> wholeKernels = TitokBenchmark.Profile(pipeline, 2, settings);

        // So short that every dispatch is a submission.
        pipeline.Tokenizer.Engine.LongestSlice = pipeline.Generator.Engine.LongestSlice = SliceBudget.OfTime(1e-9) with { Steps = 1 };
        TitokBenchmarkResult parts = TitokBenchmark.Run(pipeline, 2, 2, 0, settings, cancellation: TestContext.Current.CancellationToken);
        ulong before = device.Gpu.Submit([]);
        IReadOnlyDictionary<string, IReadOnlyList<TitokKernelTime>> partKernels = TitokBenchmark.Profile(pipeline, 2, settings);
        ulong submissions = device.Gpu.Submit([]) - before;

        Assert.Equal(whole.StagesMilliseconds.Keys.Order(), parts.StagesMilliseconds.Keys.Order());
        Assert.All(parts.StagesMilliseconds.Values, stage => Assert.Equal(2, stage.Count(milliseconds => milliseconds > 0)));
        Assert.Equal(Counts(wholeKernels), Counts(partKernels));
        Assert.All(partKernels.Values, kernels => Assert.All(kernels, kernel => Assert.True(kernel.Milliseconds > 0)));
        Assert.True(submissions > (ulong)partKernels.Values.Sum(kernels => kernels.Sum(kernel => kernel.Dispatches)), $"{submissions} submissions");
        TestDevice.AssertNoMessages(device);

        static IEnumerable<string> Counts(IReadOnlyDictionary<string, IReadOnlyList<TitokKernelTime>> stages) =>
            stages.SelectMany(stage => stage.Value.Select(kernel => $"{stage.Key}: {kernel.Kernel} {kernel.Dispatches}")).Order(StringComparer.Ordinal);
    }

    private static GpuPhysicalDevice Device(TitokDeviceType type) => new()
    {
        Index = 0,
        Name = "device",
        Driver = "driver",
        Type = type,
        ApiVersion = 0x00402000,
        Limits = new GpuLimits(),
        Features = new GpuFeatures(),
    };
}
