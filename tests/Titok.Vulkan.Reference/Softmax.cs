namespace Titok.Vulkan.Reference;

/// <summary>Softmax over the columns of x[R, N].</summary>
public static class Softmax
{
    public static float[] Apply(float[] x, int rows, int columns)
    {
        float[] y = new float[x.Length];
        for (int r = 0; r < rows; r++)
        {
            double[] weights = Weights([.. x.AsSpan(r * columns, columns).ToArray().Select(v => (double)v)]);
            for (int n = 0; n < columns; n++)
                y[r * columns + n] = (float)weights[n];
        }
        return y;
    }

    internal static double[] Weights(double[] scores)
    {
        double largest = scores.Max();
        double[] weights = [.. scores.Select(s => Math.Exp(s - largest))];
        double sum = weights.Sum();
        return [.. weights.Select(w => w / sum)];
    }
}
