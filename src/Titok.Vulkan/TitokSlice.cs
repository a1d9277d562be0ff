using Titok.Vulkan.Engine;

namespace Titok.Vulkan;

/// <summary>How much of a job to do at once. At least one dispatch is done, however small the bound.</summary>
public readonly record struct TitokSlice
{
    private const double DefaultMilliseconds = 8;

    private readonly SliceBudget? _budget;

    private TitokSlice(SliceBudget budget) => _budget = budget;

    /// <summary>About 8 milliseconds, which is what a default value means too.</summary>
    public static TitokSlice Default { get; } = Milliseconds(DefaultMilliseconds);

    /// <summary>All that is left.</summary>
    public static TitokSlice Everything { get; } = new(SliceBudget.Everything);

    internal SliceBudget Budget => _budget ?? SliceBudget.OfTime(DefaultMilliseconds);

    /// <summary>
    /// The same, but no further than where the output has been written: for whoever takes each step's pictures from it
    /// before the next ones come.
    /// </summary>
    public TitokSlice UpToOutput() => new(Budget with { EndsAtOutput = true });

    /// <summary>
    /// As much as is expected to take so long on the device. What is expected is learned from the slices that ran; until
    /// then slices are shorter.
    /// </summary>
    /// <param name="milliseconds">Above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not.</exception>
    public static TitokSlice Milliseconds(double milliseconds)
    {
        if (!double.IsFinite(milliseconds) || milliseconds <= 0)
            throw new ArgumentOutOfRangeException(nameof(milliseconds), milliseconds, "A slice takes more than 0 milliseconds.");
        return new TitokSlice(SliceBudget.OfTime(milliseconds));
    }

    /// <summary>So many dispatches.</summary>
    /// <param name="count">At least 1.</param>
    public static TitokSlice Dispatches(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return new TitokSlice(SliceBudget.OfDispatches(count));
    }

    /// <summary>So many steps of the sampling loop; with the last one goes what comes after it.</summary>
    /// <param name="count">At least 1.</param>
    public static TitokSlice Steps(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return new TitokSlice(SliceBudget.OfSteps(count));
    }
}
