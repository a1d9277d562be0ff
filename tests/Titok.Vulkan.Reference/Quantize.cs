namespace Titok.Vulkan.Reference;

/// <summary>Nearest entries of a codebook[V, D] to z[R, D] by squared distance, the first on ties.</summary>
public static class Quantize
{
    public static int[] Apply(float[] z, float[] codebook, int rows, int dims, int codes, bool l2Norm)
    {
        int[] ids = new int[rows];
        for (int r = 0; r < rows; r++)
        {
            double[] row = LookupCode.Row(z, r, dims, l2Norm);
            double best = double.PositiveInfinity;
            for (int v = 0; v < codes; v++)
            {
                double[] entry = LookupCode.Row(codebook, v, dims, l2Norm);
                double distance = row.Zip(entry, (a, b) => (a - b) * (a - b)).Sum();
                if (distance < best)
                    (best, ids[r]) = (distance, v);
            }
        }
        return ids;
    }
}
