namespace Titok.Vulkan.Reference;

/// <summary>
/// 3×3 convolution of x[B, H, W, C] with weight[N, C, 3, 3], stride 1, zeros outside, + bias[N] + residual[B, H, W, N].
/// </summary>
public static class Conv3x3
{
    public static float[] Apply(
        float[] x, float[] weight, float[]? bias, float[]? residual, int batch, int height, int width, int inChannels, int outChannels)
    {
        float[] y = new float[batch * height * width * outChannels];
        for (int b = 0; b < batch; b++)
        {
            for (int h = 0; h < height; h++)
            {
                for (int w = 0; w < width; w++)
                {
                    for (int n = 0; n < outChannels; n++)
                    {
                        double sum = bias?[n] ?? 0;
                        for (int ky = 0; ky < 3; ky++)
                        {
                            for (int kx = 0; kx < 3; kx++)
                            {
                                int row = h + ky - 1, column = w + kx - 1;
                                if (row < 0 || row >= height || column < 0 || column >= width)
                                    continue;
                                for (int c = 0; c < inChannels; c++)
                                    sum += (double)x[((b * height + row) * width + column) * inChannels + c] * weight[((n * inChannels + c) * 3 + ky) * 3 + kx];
                            }
                        }
                        int index = ((b * height + h) * width + w) * outChannels + n;
                        y[index] = (float)(sum + (residual?[index] ?? 0));
                    }
                }
            }
        }
        return y;
    }

    /// <summary>x[B, H, W, C] doubled by nearest neighbour: [B, 2H, 2W, C].</summary>
    public static float[] Upsample(float[] x, int batch, int height, int width, int channels)
    {
        float[] y = new float[4 * x.Length];
        for (int i = 0; i < y.Length; i++)
        {
            int c = i % channels, w = i / channels % (2 * width), h = i / channels / (2 * width) % (2 * height), b = i / channels / (4 * width * height);
            y[i] = x[((b * height + h / 2) * width + w / 2) * channels + c];
        }
        return y;
    }
}
