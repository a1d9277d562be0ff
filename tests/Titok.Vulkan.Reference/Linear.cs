namespace Titok.Vulkan.Reference;

/// <summary>y[R, N] = activation(x[R, K] · weight[N, K]ᵀ + bias[N]) + residual[R, N].</summary>
public static class Linear
{
    public static float[] Apply(
        float[] x, float[] weight, float[]? bias, float[]? residual, int rows, int inner, int columns, Func<double, double>? activation = null)
    {
        float[] y = new float[rows * columns];
        for (int r = 0; r < rows; r++)
        {
            for (int n = 0; n < columns; n++)
            {
                double sum = bias?[n] ?? 0;
                for (int k = 0; k < inner; k++)
                    sum += (double)x[r * inner + k] * weight[n * inner + k];
                if (activation is not null)
                    sum = activation(sum);
                y[r * columns + n] = (float)(sum + (residual?[r * columns + n] ?? 0));
            }
        }
        return y;
    }

    /// <summary>GELU in its erf form.</summary>
    public static double Gelu(double x) => 0.5 * x * (1 + ErrorFunction.Erf(x / Math.Sqrt(2)));
}
