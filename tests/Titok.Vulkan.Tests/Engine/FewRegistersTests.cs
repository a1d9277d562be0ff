using Titok.Vulkan.Engine;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Tests.Gpu;
using Titok.Vulkan.Tests.Models;

namespace Titok.Vulkan.Tests.Engine;

/// <summary>The matrix kernels as devices have them whose subgroups hold few fragments, run on one that holds more.</summary>
[Collection(GpuCollection.Name)]
public class FewRegistersTests(GpuFixture gpu)
{
    /// <summary>Those of Intel's Xe and Xe2, in subgroups of the size that is demanded there.</summary>
    private static readonly GemmUnit s_xe = Lean(new GemmUnit(8, 8, 16, 16, 64 << 10)), s_xe2 = Lean(new GemmUnit(8, 16, 16, 32, 64 << 10));

    public static TheoryData<int, bool> Tiles => new MatrixTheoryData<int, bool>(Enumerable.Range(0, GemmTiles.All(s_xe).Count()), [true, false]);

    [Theory]
    [MemberData(nameof(Tiles))]
    public void ATileAgreesWithThePortableKernel(int index, bool fragments)
    {
        (GpuDevice device, GemmUnit unit) = Require(fragments);
        GemmTile tile = GemmTiles.All(unit).ElementAt(index);
        Assert.True(tile.Fits(unit), tile.ToString());
        Assert.True(GemmCases.Linears(unit, tile).All(c => c.Agrees(device)), tile.ToString());
        Assert.True(GemmCases.SmallConvolution(unit, tile).Agrees(device), tile.ToString());
        gpu.AssertNoMessages();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void NormsAndConvolutionsAgree(bool fragments)
    {
        (GpuDevice device, GemmUnit unit) = Require(fragments);
        GemmTile tile = GemmTiles.Large(unit)[0];
        Assert.True(GemmCases.Norms(unit, tile).Agrees(device));
        Assert.True(GemmCases.Convolution(unit, tile, upsample: true).Agrees(device));
        Assert.True(GemmCases.Convolution(unit, tile, upsample: false, parts: 2).Agrees(device));
        gpu.AssertNoMessages();
    }

    /// <summary>All that a GPU is put through when its first model is loaded, but for how long it is measured.</summary>
    [Fact]
    public void ADeviceThatIsRightIsGivenItsMatrixUnits()
    {
        (GpuDevice device, GemmUnit unit) = Require(fragments: true);
        KernelChoice choice = GemmSelfTest.Run(device, unit, SearchOptions.Brief);
        Assert.Equal((KernelForm.Matrix, true), (choice.Form, choice.IsComplete));
        Assert.Equal((true, true, true, true), (choice.Unit!.Linear, choice.Unit.Convolution, choice.Unit.WeightFragments, choice.Unit.HasFewRegisters));
        Assert.Contains(choice.Unit.LinearTile, GemmTiles.Large(unit));
        Assert.Contains(choice.Unit.ConvolutionTile, GemmTiles.Large(unit));
        gpu.AssertNoMessages();
    }

    /// <summary>66 and 258 rows are a generator's of 32 and 128 tokens, 289 a tokenizer's, and 65536 the pixels of an image.</summary>
    [Theory]
    [InlineData(16, 768, 768, 16, 3)]
    [InlineData(66, 3072, 768, 32, 1)]
    [InlineData(66, 768, 3072, 32, 6)]
    [InlineData(258, 1024, 1024, 32, 1)]
    [InlineData(289 * 64, 4096, 1024, 64, 1)]
    [InlineData(65536, 3, 1152, 128, 1)]
    public void TheTileSuitsTheProduct(int rows, int columns, int inner, int tileRows, int parts)
    {
        TilePlan plan = GemmTiles.For(s_xe2, rows, columns, inner, large: null);
        Assert.Equal((tileRows, parts), (plan.Tile.Rows(s_xe2), plan.Parts));
    }

    [Fact]
    public void TilesFitTheDevices()
    {
        foreach (GemmUnit unit in (GemmUnit[])[s_xe, s_xe2, s_xe.WithFragments(false), s_xe2.WithFragments(false)])
        {
            Assert.All(GemmTiles.All(unit), tile => Assert.True(tile.Fits(unit), $"{tile} on {unit}"));
            Assert.True(GemmTiles.Small(unit).Append(GemmTiles.Large(unit)[0]).All(tile => tile.Fits(unit with { SharedMemoryInBytes = 32 << 10 })), $"{unit}");
            Assert.Equal(1, unit.FragmentSides);
        }
        Assert.True(s_xe.MayKeepFragments && s_xe2.MayKeepFragments);
    }

    [Theory]
    [InlineData(GpuVendor.Intel, 8, 16, 32, 8, 16)]
    [InlineData(GpuVendor.Intel, 16, 16, 32, 16, 32)]
    [InlineData(GpuVendor.Intel, 8, 16, 32, 32, 32)]
    [InlineData(GpuVendor.Nvidia, 16, 16, 32, 32, 32)]
    [InlineData(0x1002, 16, 16, 64, 32, 64)]
    public void SubgroupsAreAsLargeAsTheirRegistersSuggest(uint vendor, int columns, int inner, int usual, int least, int size) =>
        Assert.Equal(size, SubgroupSizeQuery.ForMatrices(vendor, new GpuMatrixFragment(8, columns, inner, usual), least));

    private static GemmUnit Lean(GemmUnit unit) => (unit with { MaxSubgroups = 1024 / unit.SubgroupSize }).WithFewRegisters().WithFragments(true);

    private (GpuDevice Device, GemmUnit Unit) Require(bool fragments)
    {
        Profiles.Require(gpu.Device, "lean-fp16");
        GemmUnit unit = KernelSupport.MatrixUnitsOf(gpu.Device.Physical)!.WithFewRegisters();
        if (fragments && !unit.MayKeepFragments)
            Assert.Skip($"an invocation does not hold eight elements of a fragment: {unit}");
        return (gpu.Device, unit.WithFragments(fragments));
    }
}
