namespace Titok.Vulkan.Reference;

/// <summary>Nearest entries of a codebook[V, D] by squared distance, the first on ties, and the entries of ids.</summary>
public static class Codebook
{
    public static int[] Quantize(float[] z, float[] codebook, int rows, int dims, int codes, bool l2Norm)
    {
        int[] ids = new int[rows];
        for (int r = 0; r < rows; r++)
        {
            double[] row = Row(z, r, dims, l2Norm);
            double best = double.PositiveInfinity;
            for (int v = 0; v < codes; v++)
            {
                double[] entry = Row(codebook, v, dims, l2Norm);
                double distance = row.Zip(entry, (a, b) => (a - b) * (a - b)).Sum();
                if (distance < best)
                    (best, ids[r]) = (distance, v);
            }
        }
        return ids;
    }

    public static float[] Lookup(int[] ids, float[] codebook, int dims, bool l2Norm) =>
        [.. ids.SelectMany(id => Row(codebook, id, dims, l2Norm).Select(v => (float)v))];

    private static double[] Row(float[] matrix, int row, int dims, bool l2Norm)
    {
        double[] values = [.. matrix.AsSpan(row * dims, dims).ToArray().Select(v => (double)v)];
        double length = l2Norm ? Math.Max(Math.Sqrt(values.Sum(v => v * v)), 1e-12) : 1;
        return [.. values.Select(v => v / length)];
    }
}
