using Titok.Vulkan.Gpu;

namespace Titok.Vulkan.Tests.Gpu;

[Collection(GpuCollection.Name)]
public class PipelineStatisticsTests(GpuFixture gpu)
{
    [Fact]
    public void ADriverThatCanTellsWhatAPipelineTakes()
    {
        using GpuInstance instance = GpuFixture.NewInstance();
        using GpuDevice device = DeviceOpening.Open(instance, options: new GpuDeviceOptions { CacheFolder = "", KeepStatistics = true });
        if (!device.KeepsStatistics)
            Assert.Skip($"{device.Physical.Name} has no {PipelineStatisticsQuery.Extension}");
        IReadOnlyList<(string Name, double Value)> statistics = PipelineStatisticsQuery.Of(device.GetProgram("advance_step", [], 1, 0));
        Assert.NotEmpty(statistics);
        Assert.All(statistics, s => Assert.NotEmpty(s.Name));
    }

    [Fact]
    public void ADeviceThatWasNotAskedToKeepThemSaysSo()
    {
        GpuProgram program = gpu.Device.GetProgram("advance_step", [], 1, 0);
        var e = Assert.Throws<MissingFeatureException>(() => PipelineStatisticsQuery.Of(program));
        Assert.Contains(gpu.Device.Physical.Name, e.Message);
    }
}
