using Titok.Vulkan.Engine;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Tests.Engine;

/// <summary>What a log says of the kernels.</summary>
public class KernelReportTests
{
    [Fact]
    public void ItNamesTilesWarpgroupsAndAttention()
    {
        var unit = new GemmUnit(16, 16, 16, 32, 48 << 10);
        unit = unit with
        {
            LinearTile = GemmTiles.Large(unit)[0],
            LinearBlocks = 0b10011,
            Convolution = false,
            LongAttention = AttentionForm.Subgroup,
        };
        Assert.Equal(
            "cooperative-matrix kernels in fp16: linear layers in tiles of up to 128x128 or by warpgroups in 128x256, 192x256, 136x128, "
            + "convolutions by the portable kernels, attention in two passes over few tokens and in one pass over many",
            KernelReport.Describe(KernelProfile.Of(unit)));
        Assert.Equal("portable kernels in fp32", KernelReport.Describe(new KernelProfile(KernelForm.Portable, DataType.Float32)));
    }
}
