using SkiaSharp;

namespace Titok.Pictures;

/// <summary>
/// The centre square of a picture, upright, over white, at another size: planar fp32 [3, S, S] in 0..1.
/// </summary>
/// <remarks>
/// Written out here, and not drawn by Skia, so that a picture that has the right size already keeps its exact values, and
/// every other one gets what PIL and torchvision call bilinear with antialiasing: a triangle as wide as the pixels of the
/// coarser side.
/// </remarks>
internal static class SquareResampler
{
    /// <param name="rgba">Pixels as stored, 8 bits a channel, alpha not multiplied in.</param>
    /// <param name="width">Of the picture as stored.</param>
    /// <param name="height">Of the picture as stored.</param>
    /// <param name="origin">Where the stored picture's first row and column are when it stands upright.</param>
    /// <param name="size">S.</param>
    public static float[] Resample(ReadOnlySpan<byte> rgba, int width, int height, SKEncodedOrigin origin, int size)
    {
        // Of the pixel at (x, y) of the upright picture: start + x·stepX + y·stepY.
        (int start, int stepX, int stepY) = origin switch
        {
            SKEncodedOrigin.TopRight => (width - 1, -1, width),
            SKEncodedOrigin.BottomRight => (width * height - 1, -1, -width),
            SKEncodedOrigin.BottomLeft => (width * (height - 1), 1, -width),
            SKEncodedOrigin.LeftTop => (0, width, 1),
            SKEncodedOrigin.RightTop => (width * (height - 1), -width, 1),
            SKEncodedOrigin.RightBottom => (width * height - 1, -width, -1),
            SKEncodedOrigin.LeftBottom => (width - 1, width, -1),
            _ => (0, 1, width),
        };
        bool onItsSide = origin >= SKEncodedOrigin.LeftTop;
        (int uprightWidth, int uprightHeight) = onItsSide ? (height, width) : (width, height);
        int side = Math.Min(width, height);
        start += (uprightWidth - side) / 2 * stepX + (uprightHeight - side) / 2 * stepY;

        Taps[] taps = [.. Enumerable.Range(0, size).Select(i => Taps.Of(i, side, size))];
        float[] result = new float[3 * size * size];
        float[] row = new float[3 * side];
        float[] narrow = new float[3 * size];
        for (int y = 0; y < side; y++)
        {
            ReadRow(rgba, start + y * stepY, stepX, row);
            for (int x = 0; x < size; x++)
                taps[x].Sum(row, side, narrow, x, size);
            for (int outY = FirstRow(y, side, size); outY < size && taps[outY].First <= y; outY++)
            {
                float weight = taps[outY].WeightOf(y);
                if (weight == 0)
                    continue;
                for (int c = 0; c < 3; c++)
                {
                    Span<float> into = result.AsSpan((c * size + outY) * size, size);
                    ReadOnlySpan<float> from = narrow.AsSpan(c * size, size);
                    for (int x = 0; x < size; x++)
                        into[x] += weight * from[x];
                }
            }
        }
        return result;
    }

    /// <summary>A row of the upright picture's square, planar, over white.</summary>
    private static void ReadRow(ReadOnlySpan<byte> rgba, int start, int step, Span<float> row)
    {
        int side = row.Length / 3;
        for (int x = 0, pixel = start; x < side; x++, pixel += step)
        {
            ReadOnlySpan<byte> p = rgba.Slice(4 * pixel, 4);
            int alpha = p[3];
            for (int c = 0; c < 3; c++)
                row[c * side + x] = alpha == byte.MaxValue ? p[c] / 255f : (p[c] * alpha + 255 * (255 - alpha)) / (255f * 255f);
        }
    }

    /// <summary>A row of the result that lies before every one to which row y of the source contributes.</summary>
    private static int FirstRow(int y, int side, int size) => Math.Max(0, (int)((y - 1.0) * size / side) - 2);

    /// <summary>The source pixels that make a pixel of the result, from <paramref name="First"/> on, and their shares.</summary>
    private readonly record struct Taps(int First, float[] Weights)
    {
        public static Taps Of(int index, int side, int size)
        {
            double scale = (double)side / size, reach = Math.Max(scale, 1), centre = (index + 0.5) * scale;
            int first = Math.Max(0, (int)Math.Floor(centre - reach)), last = Math.Min(side - 1, (int)Math.Ceiling(centre + reach));
            double[] weights = [.. Enumerable.Range(first, last - first + 1).Select(i => Math.Max(0, 1 - Math.Abs(i + 0.5 - centre) / reach))];
            double sum = weights.Sum();
            return new Taps(first, [.. weights.Select(w => (float)(w / sum))]);
        }

        public float WeightOf(int source) => source - First < Weights.Length ? Weights[source - First] : 0;

        public void Sum(float[] row, int side, float[] result, int x, int size)
        {
            for (int c = 0; c < 3; c++)
            {
                float sum = 0;
                ReadOnlySpan<float> pixels = row.AsSpan(c * side + First, Weights.Length);
                for (int i = 0; i < pixels.Length; i++)
                    sum += Weights[i] * pixels[i];
                result[c * size + x] = sum;
            }
        }
    }
}
