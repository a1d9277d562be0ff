using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Tests.Kernels;

/// <summary>Whether an op's result is the oracle's.</summary>
internal static class Agreement
{
    /// <summary>
    /// Bound of the normalised mean squared error. fp32: rounding of 2^-24 an operation adds up to well under 1e-5 in
    /// relative length over the sums here. fp16: rounding the result alone costs up to 2^-11, about 3e-4 in length.
    /// </summary>
    public static double Bound(KernelProfile profile) => Bound(profile.Activation);

    /// <summary>The bound for what is stored so.</summary>
    public static double Bound(DataType stored) => stored == DataType.Float16 ? 1e-6 : 1e-10;

    public static void Assert(string what, float[] expected, float[] actual, double bound)
    {
        Xunit.Assert.True(expected.Length == actual.Length, $"{what}: {actual.Length} elements, expected {expected.Length}");
        double error = 0, norm = 0, worst = -1;
        int at = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            double difference = Math.Abs((double)actual[i] - expected[i]);
            if (!double.IsFinite(difference))
                difference = float.IsFinite(expected[i]) || actual[i] != expected[i] ? double.MaxValue : 0;
            if (difference > worst)
                (worst, at) = (difference, i);
            error += difference * difference;
            norm += (double)expected[i] * expected[i];
        }
        Xunit.Assert.True(double.IsFinite(norm), $"{what}: the oracle's result is not finite");
        double nmse = error / Math.Max(norm, 1e-30);
        Xunit.Assert.True(
            nmse <= bound,
            $"{what}: normalised mean squared error {nmse:g3} is {nmse / bound:g3} of the bound {bound:g1}; worst at {at}: expected {expected[at]:g7}, actual {actual[at]:g7}, error {worst:g3}");
    }
}
