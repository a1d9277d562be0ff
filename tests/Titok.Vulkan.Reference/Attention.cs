namespace Titok.Vulkan.Reference;

/// <summary>y[B, T, C] = softmax(q kᵀ / √D) v for every head of qkv[B, T, 3C]; channel = head · D + d.</summary>
public static class Attention
{
    public static float[] Apply(float[] qkv, int batch, int tokens, int heads, int headDim)
    {
        int channels = heads * headDim;
        float[] y = new float[batch * tokens * channels];
        double[] scores = new double[tokens];
        for (int b = 0; b < batch; b++)
        {
            for (int h = 0; h < heads; h++)
            {
                for (int t = 0; t < tokens; t++)
                {
                    int q = (b * tokens + t) * 3 * channels + h * headDim;
                    for (int s = 0; s < tokens; s++)
                    {
                        int k = (b * tokens + s) * 3 * channels + channels + h * headDim;
                        scores[s] = 0;
                        for (int d = 0; d < headDim; d++)
                            scores[s] += (double)qkv[q + d] * qkv[k + d] / Math.Sqrt(headDim);
                    }
                    double[] weights = Softmax.Weights(scores);
                    for (int d = 0; d < headDim; d++)
                    {
                        double sum = 0;
                        for (int s = 0; s < tokens; s++)
                            sum += weights[s] * qkv[(b * tokens + s) * 3 * channels + 2 * channels + h * headDim + d];
                        y[(b * tokens + t) * channels + h * headDim + d] = (float)sum;
                    }
                }
            }
        }
        return y;
    }
}
