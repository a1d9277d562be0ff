using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Tests.Kernels;

/// <summary>Rows in blocks that stay in a core's cache, where all of them do not stay in the last one.</summary>
public class RowBlocksTests
{
    [Theory]
    [InlineData(6, 1, 1)]
    [InlineData(1000, 1, 167)]
    [InlineData(1536, 1, 256)] // 6 MiB
    [InlineData(1537, 13, 20)]
    [InlineData(10_000, 76, 22)]
    public void ALargeInputIsTakenInBlocks(int rows, int count, int tiles) => Assert.Equal(new RowBlocks(count, tiles), RowBlocks.Of(rows, tileRows: 6, rowSizeInBytes: 4096));

    /// <summary>Rows so short that they fit a cache may be more than an axis of groups holds.</summary>
    [Fact]
    public void ABlockFitsAnAxisOfGroups() =>
        Assert.Equal(new RowBlocks(2, (int)GroupCount.AxisLimit), RowBlocks.Of(6 * ((int)GroupCount.AxisLimit + 1), tileRows: 6, rowSizeInBytes: 16));

    [Fact]
    public void BlocksCoverEveryRow()
    {
        var random = new Random(1);
        for (int i = 0; i < 1000; i++)
        {
            int rows = random.Next(1, 100_000), tileRows = random.Next(2) == 0 ? 6 : 8;
            var blocks = RowBlocks.Of(rows, tileRows, 4 * random.Next(1, 4096));
            Assert.True((long)blocks.Count * blocks.Tiles * tileRows >= rows && (blocks.Count - 1L) * blocks.Tiles * tileRows < rows, $"{rows} rows in {blocks}");
        }
    }
}
