namespace Titok.Vulkan.Reference;

/// <summary>x[B, S, S, 3] as planar pictures [B, 3, S, S], and as RGBA bytes, clamped to 0..1, ×255, truncated.</summary>
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

    public static uint[] ToRgba8(float[] x) =>
        [.. Enumerable.Range(0, x.Length / 3).Select(i => Byte(x[3 * i]) | Byte(x[3 * i + 1]) << 8 | Byte(x[3 * i + 2]) << 16 | 255u << 24)];

    private static uint Byte(float value) => (uint)(Math.Clamp(value, 0, 1) * 255);
}
