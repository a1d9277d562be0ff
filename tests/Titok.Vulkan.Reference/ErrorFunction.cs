namespace Titok.Vulkan.Reference;

/// <summary>erf in double precision.</summary>
public static class ErrorFunction
{
    public static double Erf(double x) => Math.Abs(x) < 2.5 ? Series(x) : Math.Sign(x) * (1 - ComplementOfLarge(Math.Abs(x)));

    /// <summary>2/√π · Σ (−1)ⁿ x²ⁿ⁺¹ / (n! (2n + 1)).</summary>
    private static double Series(double x)
    {
        double power = x, sum = x;
        for (int n = 1; n < 100; n++)
        {
            power *= -x * x / n;
            sum += power / (2 * n + 1);
        }
        return 2 / Math.Sqrt(Math.PI) * sum;
    }

    /// <summary>erfc as a continued fraction, from its far end.</summary>
    private static double ComplementOfLarge(double x)
    {
        double fraction = x;
        for (int n = 100; n > 0; n--)
            fraction = x + n / 2.0 / fraction;
        return Math.Exp(-x * x) / (Math.Sqrt(Math.PI) * fraction);
    }
}
