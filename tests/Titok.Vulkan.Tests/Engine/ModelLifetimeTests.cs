using System.Globalization;
using Titok.Vulkan.Tests.Cli;
using Titok.Vulkan.Tests.Embedding;
using Titok.Vulkan.Tests.Gpu;

namespace Titok.Vulkan.Tests.Engine;

/// <summary>Devices and models made and disposed of again and again.</summary>
[Collection(GpuCollection.Name)]
public class ModelLifetimeTests
{
    /// <summary>A hundred times, or TITOK_CYCLES.</summary>
    [Fact]
    public void DevicesAndModelsLeaveNothingBehind()
    {
        int cycles = int.TryParse(Environment.GetEnvironmentVariable("TITOK_CYCLES"), CultureInfo.InvariantCulture, out int asked) ? asked : 100;
        using var model = new CliModel();
        Use(model.Folder, cycles / 2);
        // The model's weights are 3.5 MB: 50 cycles that kept them would be 175 MB. Drivers, and tests beside this one, take memory of
        // their own now and then: with SwiftShader 50 cycles grew by 34 MB, once by 71 MB, and shrank by 6 MB another time. What is left
        // behind is so each time.
        long most = cycles < 400 ? 64 << 20 : 32 << 20, grown = long.MaxValue;
        for (int attempt = 0; attempt < 3 && grown > most; attempt++)
        {
            long start = ResidentMemory.Measure();
            Use(model.Folder, cycles / 2);
            grown = ResidentMemory.Measure() - start;
            TestContext.Current.TestOutputHelper?.WriteLine($"{cycles / 2} cycles, resident memory grew by {grown / 1024} KiB");
        }
        Assert.InRange(grown, long.MinValue, most);
    }

    /// <summary>Whatever its jobs have made of whatever they read and wrote; kernels are the device's, and stay.</summary>
    [Fact]
    public void AModelTakesWithItAllThatWasMadeForIt()
    {
        using var model = new CliModel();
        using TitokDevice device = TestDevice.Open();
        var left = new (long Objects, long Memory)[3];
        for (int round = 0; round < left.Length; round++)
        {
            UseAll(device, model.Folder);
            device.Gpu.Disposals.Finish();
            left[round] = (device.LiveObjects, device.MemoryInUseInBytes);
        }
        Assert.Equal(left[0], left[1]);
        Assert.Equal(left[0], left[2]);
        TestDevice.AssertNoMessages(device);
    }

    private const long MaxStagingInBytes = 4 * (4L << 20);

    private static void UseAll(TitokDevice device, string folder)
    {
        using TitokPipeline pipeline = TitokPipeline.Load(device, folder, TestLoad.Fp32);
        using TitokTokenizer vae = TitokTokenizer.Load(device, CliModel.Vae, TestLoad.Fp32);
        var small = new TitokMemoryOutput { Format = TitokPixelFormat.Rgba8 };
        // Of the same job it needs more memory to be read from than the one before.
        var large = new TitokMemoryOutput { Format = TitokPixelFormat.Rgba16Float };
        using (TitokGenerationJob job = pipeline.Begin(new GenerationRequest { Classes = [1], Settings = GenerationSettings.Demo with { Steps = 2 } }))
            RunInto(job, small, large);
        var pixels = new TitokMemoryInput { Pixels = new byte[small.SizeInBytes(1, pipeline.Tokenizer.Info.ImageSize)] };
        using (TitokTokenizerJob job = pipeline.Tokenizer.BeginEncode(pixels, 1))
            JobTests.Run(job, TitokSlice.Dispatches(9));
        using (TitokTokenizerJob job = pipeline.Tokenizer.BeginReconstruct(pixels, 1))
            RunInto(job, small, large);
        using (TitokTokenizerJob job = vae.BeginDecodeLatents(new float[vae.Info.LatentTokens * vae.Info.LatentChannels], 1))
            RunInto(job, large, small);

        static void RunInto(TitokJob job, params ReadOnlySpan<TitokOutput> outputs)
        {
            foreach (TitokOutput output in outputs)
            {
                job.SetOutput(output);
                JobTests.Run(job, TitokSlice.Dispatches(9));
            }
        }
    }

    private static void Use(string folder, int cycles)
    {
        for (int i = 0; i < cycles; i++)
            UseOnce(folder, generate: i % 50 == 0);
    }

    private static void UseOnce(string folder, bool generate)
    {
        TitokDevice device = TestDevice.Open(validation: false);
        TitokPipeline pipeline = TitokPipeline.Load(device, folder, TestLoad.Fp32);
        if (generate)
            pipeline.Generate(new GenerationRequest { Classes = [1], Settings = GenerationSettings.Demo });
        pipeline.Dispose();
        // All that a device keeps for itself are staging buffers, where the host can't write to its memory.
        Assert.InRange(device.MemoryInUseInBytes, 0, MaxStagingInBytes);
        device.Dispose();
        Assert.Equal(0, device.LiveObjects);
    }
}
