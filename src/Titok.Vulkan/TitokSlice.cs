using Titok.Vulkan.Engine;

namespace Titok.Vulkan;

/// <summary>How much of a job to do at once. At least one dispatch is done, however small the bound.</summary>
public readonly record struct TitokSlice
{
    private readonly SliceBudget? _budget;

    private TitokSlice(SliceBudget budget) => _budget = budget;

    /// <summary>About 8 milliseconds, which is what a default value means too.</summary>
    public static TitokSlice Default { get; } = Milliseconds(8);

    /// <summary>All that is left.</summary>
    public static TitokSlice Everything { get; } = new(SliceBudget.Everything);

    internal SliceBudget Budget => _budget ?? SliceBudget.OfTime(8);

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

    /// <summary>So many steps of the decoding loop; with the last one goes what comes after it.</summary>
    /// <param name="count">At least 1.</param>
    public static TitokSlice Steps(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return new TitokSlice(SliceBudget.OfSteps(count));
    }
}

/// <summary>What one slice of a job holds.</summary>
/// <param name="Number">Its number in the job's life; −1 if nothing was recorded, because all is, or 16 slices are still on the way.</param>
/// <param name="Dispatches">Its dispatches.</param>
/// <param name="ExpectedMilliseconds">What they are expected to take on the device.</param>
/// <param name="StepsRecorded">Steps of the decoding loop that are recorded by now.</param>
/// <param name="OutputsRecorded">How often the output is written by now: once for each step that is previewed, and in the end.</param>
/// <param name="IsLast">Whether nothing is left to record.</param>
/// <param name="TimelineValue">
/// The value that <see cref="TitokDevice.TimelineSemaphore"/> reaches when the slice is executed; 0 for one in a host's
/// command buffer.
/// </param>
public readonly record struct TitokSliceInfo(
    long Number, int Dispatches, double ExpectedMilliseconds, int StepsRecorded, int OutputsRecorded, bool IsLast, ulong TimelineValue);

/// <summary>A host's semaphore to wait for, or to signal.</summary>
/// <param name="Handle">The VkSemaphore.</param>
/// <param name="Value">The value to wait for or to signal, for a timeline semaphore; a binary one has none.</param>
public readonly record struct TitokSemaphore(ulong Handle, ulong Value = 0);
