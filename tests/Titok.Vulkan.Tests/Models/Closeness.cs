namespace Titok.Vulkan.Tests.Models;

/// <summary>How far a result is from what was expected.</summary>
internal static class Closeness
{
    /// <summary>Fails unless ‖actual − expected‖ ≤ bound · ‖expected‖, and says where it is worst.</summary>
    public static void AssertRelativeL2(string what, ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double bound)
    {
        Assert.True(expected.Length == actual.Length, $"{what}: {actual.Length} elements, expected {expected.Length}");
        double error = 0, norm = 0, worst = -1;
        int worstIndex = 0;
        for (int index = 0; index < expected.Length; index++)
        {
            double difference = Math.Abs((double)actual[index] - expected[index]);
            if (double.IsNaN(difference))
                difference = double.PositiveInfinity;
            error += difference * difference;
            norm += (double)expected[index] * expected[index];
            if (difference > worst)
                (worst, worstIndex) = (difference, index);
        }
        double relative = Math.Sqrt(error) / Math.Max(Math.Sqrt(norm), 1e-30);
        Assert.True(
            relative <= bound,
            $"{what}: relative L2 {relative:g3} is {relative / bound:g3} of the bound {bound:g1}; worst at {worstIndex}: expected {expected[worstIndex]:g6}, actual {actual[worstIndex]:g6}, error {worst:g3}");
    }

    /// <summary>‖actual − expected‖ / ‖expected‖.</summary>
    public static double RelativeL2(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        double error = 0, norm = 0;
        for (int index = 0; index < expected.Length; index++)
        {
            error += Math.Pow((double)actual[index] - expected[index], 2);
            norm += Math.Pow(expected[index], 2);
        }
        return Math.Sqrt(error / norm);
    }

    /// <summary>Peak signal-to-noise ratio in dB of pictures whose peak is 1.</summary>
    public static double PsnrInDecibels(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        double error = 0;
        for (int index = 0; index < expected.Length; index++)
            error += Math.Pow(actual[index] - expected[index], 2);
        return 10 * Math.Log10(1 / Math.Max(error / expected.Length, 1e-30));
    }
}
