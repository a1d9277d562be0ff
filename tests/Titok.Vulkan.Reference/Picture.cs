namespace Titok.Vulkan.Reference;

/// <summary>
/// x[B, S, S, 3] as planar pictures [B, 3, S, S], and those as pixels, RGBA bytes (clamped to 0..1, ×255, truncated) or fp16;
/// and planar pictures of pixels, of which colours are clamped to 0..1.
/// </summary>
public static class Picture
{
    public static float[] ToPlanar(float[] x, int batch, int size)
    {
        float[] y = new float[x.Length];
        for (int b = 0; b < batch; b++)
        {
            for (int c = 0; c < 3; c++)
            {
                for (int i = 0; i < size * size; i++)
                    y[(b * 3 + c) * size * size + i] = x[(b * size * size + i) * 3 + c];
            }
        }
        return y;
    }

    /// <summary>Four bytes a pixel, red first or blue first.</summary>
    public static uint[] ToBytes(float[] planar, int batch, int size, bool blueFirst, bool linear) =>
        Pixels(planar, batch, size, linear, c => blueFirst
            ? Byte(c[2]) | Byte(c[1]) << 8 | Byte(c[0]) << 16 | 255u << 24
            : Byte(c[0]) | Byte(c[1]) << 8 | Byte(c[2]) << 16 | 255u << 24);

    /// <summary>Red, green, blue and 1 of each pixel.</summary>
    public static float[][] ToColours(float[] planar, int batch, int size, bool linear) =>
        Pixels(planar, batch, size, linear, c => new[] { c[0], c[1], c[2], 1 });

    /// <summary>Planar pictures of four bytes a pixel, red first or blue first.</summary>
    public static float[] FromBytes(uint[] pixels, int batch, int size, bool blueFirst, bool linear) =>
        Planes(batch, size, linear, (i, c) => (pixels[i] >> 8 * (blueFirst ? 2 - c : c) & 255) / 255f);

    /// <summary>Planar pictures of four floats a pixel.</summary>
    public static float[] FromColours(float[] pixels, int batch, int size, bool linear) =>
        Planes(batch, size, linear, (i, c) => float.IsNaN(pixels[4 * i + c]) ? 0 : Math.Clamp(pixels[4 * i + c], 0, 1));

    private static float[] Planes(int batch, int size, bool linear, Func<int, int, float> colour)
    {
        int area = size * size;
        float[] planar = new float[batch * 3 * area];
        for (int i = 0; i < batch * area; i++)
        {
            for (int c = 0; c < 3; c++)
                planar[(i / area * 3 + c) * area + i % area] = linear ? FromLinear(colour(i, c)) : colour(i, c);
        }
        return planar;
    }

    private static T[] Pixels<T>(float[] planar, int batch, int size, bool linear, Func<float[], T> pack)
    {
        int area = size * size;
        return [.. Enumerable.Range(0, batch * area).Select(i =>
            pack([.. Enumerable.Range(0, 3).Select(c => planar[(i / area * 3 + c) * area + i % area]).Select(v => linear ? ToLinear(v) : v)]))];
    }

    private static float ToLinear(float value) => value <= 0.04045f ? value / 12.92f : MathF.Pow((value + 0.055f) / 1.055f, 2.4f);

    private static float FromLinear(float value) => value <= 0.0031308f ? value * 12.92f : 1.055f * MathF.Pow(value, 1 / 2.4f) - 0.055f;

    private static uint Byte(float value) => (uint)((value > 0 ? Math.Min(value, 1) : 0) * 255);
}
