using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Tests.Kernels;

/// <summary>Whether k is split among workgroups, by what it would save and cost.</summary>
public class TileCostTests
{
    private static readonly GemmUnit s_unit = new(16, 16, 16, 32, 48 << 10) { Processors = 132 };

    /// <summary>Of 64 × 64 × 64.</summary>
    private static readonly GemmTile s_tile = new(2, 2, 4, 2, 2, 1, 4);

    [Theory]
    [InlineData(256, 1)] // Adding up the parts would take longer than the rest.
    [InlineData(512, 4)]
    [InlineData(4096, 8)]
    public void KIsSplitWhereThatSavesMoreThanJoiningTakes(int inner, int parts) => Assert.Equal(parts, Parts(columns: 64, inner, products: 1));

    /// <summary>A quarter of the processors are busy with one product, all of them with four.</summary>
    [Fact]
    public void ProductsSideBySideKeepProcessorsBusyToo()
    {
        Assert.Equal(4, Parts(columns: 33 * 64, 4096, products: 1));
        Assert.Equal(1, Parts(columns: 33 * 64, 4096, products: 4));
    }

    [Fact]
    public void PartsAreOfTwoSlabsAtLeast()
    {
        const double Slow = 100;
        Assert.Equal(2, Parts(columns: 64, 6 * 64 - 1, products: 1, Slow));
        Assert.Equal(3, Parts(columns: 64, 6 * 64, products: 1, Slow));
    }

    private static int Parts(int columns, int inner, int products, double cost = TileCost.Plain) =>
        TileCost.Cheapest(s_unit, [(s_tile, cost)], rows: 64, columns, inner, products, mayPart: true).Parts;
}
