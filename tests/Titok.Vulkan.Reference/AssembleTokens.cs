namespace Titok.Vulkan.Reference;

/// <summary>
/// The sequence [B, 1 + P + K, C] of a tokenizer's transformer: class embedding, patches, latents, with their positions.
/// Encoder: x[B, P, C] are the patches and constant[K, C] the latents. Decoder: x[B, K, C] are the latents and
/// constant[C] every patch.
/// </summary>
public static class AssembleTokens
{
    public static float[] Apply(
        bool decoder, float[] x, float[] classEmbedding, float[] constant, float[] position, float[] latentPosition,
        int batch, int patches, int latents, int channels)
    {
        var y = new List<float>(batch * (1 + patches + latents) * channels);
        for (int b = 0; b < batch; b++)
        {
            for (int c = 0; c < channels; c++)
                y.Add(classEmbedding[c] + position[c]);
            for (int p = 0; p < patches; p++)
            {
                for (int c = 0; c < channels; c++)
                    y.Add((decoder ? constant[c] : x[(b * patches + p) * channels + c]) + position[(1 + p) * channels + c]);
            }
            for (int k = 0; k < latents; k++)
            {
                for (int c = 0; c < channels; c++)
                    y.Add((decoder ? x[(b * latents + k) * channels + c] : constant[k * channels + c]) + latentPosition[k * channels + c]);
            }
        }
        return [.. y];
    }
}
