using Titok.Vulkan.Engine;
using Titok.Vulkan.Tests.Cli;
using Titok.Vulkan.Tests.Gpu;

namespace Titok.Vulkan.Tests.Engine;

/// <summary>The memory of a job that is disposed of while the device is at work on it.</summary>
[Collection(GpuCollection.Name)]
public class JobMemoryTests
{
    [Fact]
    public void ADisposedJobsMemoryIsTheNextOnesOnceItIsExecuted()
    {
        using var files = new CliModel();
        using TitokDevice device = TestDevice.Open();
        using TitokPipeline pipeline = TitokPipeline.Load(device, files.Folder, TestLoad.Fp32);
        GeneratorEngine generator = pipeline.Generator.Engine;
        TokenizerEngine tokenizer = pipeline.Tokenizer.Engine;
        var request = new GenerationRequest { Classes = [3], Settings = GenerationSettings.Demo };
        SamplingLoop loop = generator.Rent(1, request.Settings.Steps);
        TokenizerRun run = tokenizer.Rent(TokenizerWork.Decode, 1);
        generator.Return(loop, null);
        tokenizer.Return(run);

        using var gate = new Gate(device.Gpu);
        TitokGenerationJob job = pipeline.Begin(request);
        ulong submission = job.Submit(TitokSlice.Everything, [gate.Opened], []).TimelineValue;
        job.Dispose();
        Assert.NotSame(loop, generator.Rent(1, request.Settings.Steps));
        Assert.NotSame(run, tokenizer.Rent(TokenizerWork.Decode, 1));
        gate.Open();
        device.Gpu.Finish(submission);
        Assert.Same(loop, generator.Rent(1, request.Settings.Steps));
        Assert.Same(run, tokenizer.Rent(TokenizerWork.Decode, 1));
        TestDevice.AssertNoMessages(device);
    }
}
