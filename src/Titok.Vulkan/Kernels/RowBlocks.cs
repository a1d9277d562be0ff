using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>
/// Tiles of rows, for kernels that pass all rows of a block by one panel of weights after the other: where the whole input
/// does not stay in a CPU's last cache, blocks of it that stay in a core's.
/// </summary>
/// <param name="Count">Blocks.</param>
/// <param name="Tiles">Tiles of rows a block; one past the last row stores nothing, or that row once more.</param>
internal readonly record struct RowBlocks(int Count, int Tiles)
{
    /// <summary>Input that stays in the last cache: blocks of 289 rows of 4096 fp32 numbers gain nothing yet.</summary>
    private const long CachedInBytes = 6 << 20;

    /// <summary>A block's part of a core's cache. 256 to 1024 KiB are as fast.</summary>
    private const long BlockInBytes = 512 << 10;

    /// <param name="rows">Rows of the product.</param>
    /// <param name="tileRows">Rows a tile.</param>
    /// <param name="rowSizeInBytes">Of the input.</param>
    public static RowBlocks Of(int rows, int tileRows, long rowSizeInBytes)
    {
        long sizeInBytes = rows * rowSizeInBytes;
        int tiles = RoundUp.Divide(rows, tileRows);
        long blocks = sizeInBytes <= CachedInBytes ? 1 : RoundUp.Divide(sizeInBytes, BlockInBytes);
        int blockTiles = (int)Math.Min(RoundUp.Divide(tiles, blocks), GroupCount.AxisLimit);
        return new RowBlocks(RoundUp.Divide(tiles, blockTiles), blockTiles);
    }
}
