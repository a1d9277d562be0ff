namespace Titok.Vulkan.Engine;

/// <summary>How much of a job goes into one slice: whichever of the bounds is met first, and at least one dispatch.</summary>
/// <param name="Milliseconds">Expected time on the device.</param>
/// <param name="Dispatches">Number of dispatches.</param>
/// <param name="Steps">Steps of the sampling loop to finish; whole steps are replayed as they were recorded.</param>
/// <param name="EndsAtOutput">Whether it ends where the output has been written.</param>
internal readonly record struct SliceBudget(double Milliseconds, int Dispatches, int Steps, bool EndsAtOutput = false)
{
    public static SliceBudget OfTime(double milliseconds) => new(milliseconds, int.MaxValue, int.MaxValue);

    public static SliceBudget OfDispatches(int count) => new(double.PositiveInfinity, count, int.MaxValue);

    public static SliceBudget OfSteps(int count) => new(double.PositiveInfinity, int.MaxValue, count);

    public static SliceBudget Everything => OfSteps(int.MaxValue);

    /// <summary>Whether plans are never cut, so that their recordings can be replayed.</summary>
    public bool IsWhole => double.IsPositiveInfinity(Milliseconds) && Dispatches == int.MaxValue;
}
