namespace Titok.Vulkan.Reference;

/// <summary>The legacy models' reshape of latents [B, K, W] to [B, W, K], seen again as [B, K, W].</summary>
public static class ReshapeLatents
{
    public static float[] Apply(float[] x, int batch, int latents, int width)
    {
        float[] y = new float[x.Length];
        for (int b = 0; b < batch; b++)
        {
            for (int k = 0; k < latents; k++)
            {
                for (int w = 0; w < width; w++)
                    y[(b * latents + k) * width + w] = x[b * latents * width + w * latents + k];
            }
        }
        return y;
    }
}
