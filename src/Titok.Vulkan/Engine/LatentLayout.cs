namespace Titok.Vulkan.Engine;

/// <summary>A VAE's latents lie [N, C, 1, K] in files and in the public API, as in the published code, and [N, K, C] on the device.</summary>
internal static class LatentLayout
{
    /// <summary>[N, R, C] to [N, C, R].</summary>
    public static void SwapAxes(ReadOnlySpan<float> source, int rows, int columns, Span<float> destination)
    {
        for (int start = 0; start < source.Length; start += rows * columns)
        {
            for (int row = 0; row < rows; row++)
            {
                for (int column = 0; column < columns; column++)
                    destination[start + column * rows + row] = source[start + row * columns + column];
            }
        }
    }
}
