namespace Titok.Vulkan.Reference;

/// <summary>Tokens [first, first + count) of x[B, T, C]: [B, count, C].</summary>
public static class TakeTokens
{
    public static float[] Apply(float[] x, int batch, int tokens, int channels, int first, int count)
    {
        float[] y = new float[batch * count * channels];
        for (int b = 0; b < batch; b++)
        {
            for (int t = 0; t < count; t++)
                x.AsSpan((b * tokens + first + t) * channels, channels).CopyTo(y.AsSpan((b * count + t) * channels));
        }
        return y;
    }
}
