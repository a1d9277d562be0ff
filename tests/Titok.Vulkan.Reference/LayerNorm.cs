namespace Titok.Vulkan.Reference;

/// <summary>Layer norm over channels of tokens [first, T) of x[B, T, C]: [B, T − first, C].</summary>
public static class LayerNorm
{
    public static float[] Apply(float[] x, float[] weight, float[] bias, int batch, int tokens, int channels, int first, double epsilon)
    {
        int count = tokens - first;
        float[] y = new float[batch * count * channels];
        for (int b = 0; b < batch; b++)
        {
            for (int t = 0; t < count; t++)
            {
                ReadOnlySpan<float> row = x.AsSpan((b * tokens + first + t) * channels, channels);
                (double mean, double variance) = Moments(row);
                for (int c = 0; c < channels; c++)
                    y[(b * count + t) * channels + c] = (float)((row[c] - mean) / Math.Sqrt(variance + epsilon) * weight[c] + bias[c]);
            }
        }
        return y;
    }

    internal static (double Mean, double Variance) Moments(ReadOnlySpan<float> values)
    {
        double mean = 0, variance = 0;
        foreach (float value in values)
            mean += value;
        mean /= values.Length;
        foreach (float value in values)
            variance += (value - mean) * (value - mean);
        return (mean, variance / values.Length);
    }
}
