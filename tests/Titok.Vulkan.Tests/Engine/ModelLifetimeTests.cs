using System.Globalization;
using Titok.Vulkan.Tests.Cli;
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
        long start = 0;
        for (int i = 0; i < cycles; i++)
        {
            if (i == cycles / 2)
                start = ResidentMemory.Measure();
            UseOnce(model.Folder, generate: i % 50 == 0);
        }
        long grown = ResidentMemory.Measure() - start;
        TestContext.Current.TestOutputHelper?.WriteLine($"{cycles} cycles, resident memory grew by {grown / 1024} KiB in the second half");
        // The model's weights are 3.5 MB: 50 cycles that kept them would be 175 MB. Drivers keep memory of their own for a
        // while: SwiftShader grew by 34 MB in the second half of 100 cycles, and shrank by 6 MB in that of 400.
        Assert.InRange(grown, long.MinValue, cycles < 400 ? 64 << 20 : 32 << 20);
    }

    private const long MaxStagingInBytes = 4 * (4L << 20);

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
