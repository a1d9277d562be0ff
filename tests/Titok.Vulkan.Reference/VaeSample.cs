namespace Titok.Vulkan.Reference;

/// <summary>Latents [B, K, C] from mean and log-variance in parameters[B, K, 2C]; picture i is sampled with seed + i, or not at all.</summary>
public static class VaeSample
{
    public static float[] Apply(float[] parameters, int batch, int latents, int channels, ulong? seed)
    {
        float[] y = new float[batch * latents * channels];
        for (int i = 0; i < y.Length; i++)
        {
            int c = i % channels, row = i / channels, k = row % latents, b = row / latents;
            double value = parameters[row * 2 * channels + c];
            if (seed is { } first)
            {
                ulong own = unchecked(first + (ulong)b);
                double noise = Philox.Normal(
                    Philox.Word(2 * (uint)c, (uint)k, 0, Philox.LatentNoise, own), Philox.Word(2 * (uint)c + 1, (uint)k, 0, Philox.LatentNoise, own));
                value += Math.Exp(0.5 * Math.Clamp(parameters[row * 2 * channels + channels + c], -30, 20)) * noise;
            }
            y[i] = (float)value;
        }
        return y;
    }
}
