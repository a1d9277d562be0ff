namespace Titok.Vulkan;

/// <summary>Division and multiples, rounded up; of numbers that are not negative.</summary>
internal static class RoundUp
{
    public static int Divide(int number, int divisor) => (number + divisor - 1) / divisor;

    public static long Divide(long number, long divisor) => (number + divisor - 1) / divisor;

    /// <summary>The least multiple that is not below a number.</summary>
    public static int ToMultiple(int number, int of) => Divide(number, of) * of;

    /// <inheritdoc cref="ToMultiple(int, int)"/>
    public static long ToMultiple(long number, long of) => Divide(number, of) * of;
}
