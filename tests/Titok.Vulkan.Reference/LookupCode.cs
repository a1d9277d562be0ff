namespace Titok.Vulkan.Reference;

/// <summary>The entries of a codebook[V, D] that ids name, of length 1 if asked.</summary>
public static class LookupCode
{
    public static float[] Apply(int[] ids, float[] codebook, int dims, bool l2Norm) =>
        [.. ids.SelectMany(id => Row(codebook, id, dims, l2Norm).Select(v => (float)v))];

    internal static double[] Row(float[] matrix, int row, int dims, bool l2Norm)
    {
        double[] values = [.. matrix.AsSpan(row * dims, dims).ToArray().Select(v => (double)v)];
        double length = l2Norm ? Math.Max(Math.Sqrt(values.Sum(v => v * v)), 1e-12) : 1;
        return [.. values.Select(v => v / length)];
    }
}
