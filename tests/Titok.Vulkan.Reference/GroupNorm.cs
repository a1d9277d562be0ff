namespace Titok.Vulkan.Reference;

/// <summary>Group norm of x[B, P, C] over the pixels and the channels of a group, then x · sigmoid(x) if asked.</summary>
public static class GroupNorm
{
    public static float[] Apply(float[] x, float[] weight, float[] bias, int batch, int pixels, int channels, int groups, double epsilon, bool silu)
    {
        float[] y = new float[x.Length];
        int width = channels / groups;
        for (int b = 0; b < batch; b++)
        {
            for (int g = 0; g < groups; g++)
            {
                float[] members = new float[pixels * width];
                for (int i = 0; i < members.Length; i++)
                    members[i] = x[(b * pixels + i / width) * channels + g * width + i % width];
                (double mean, double variance) = LayerNorm.Moments(members);
                for (int i = 0; i < members.Length; i++)
                {
                    int c = g * width + i % width;
                    double value = (members[i] - mean) / Math.Sqrt(variance + epsilon) * weight[c] + bias[c];
                    y[(b * pixels + i / width) * channels + c] = (float)(silu ? value / (1 + Math.Exp(-value)) : value);
                }
            }
        }
        return y;
    }
}
