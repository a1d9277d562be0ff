namespace Titok.Vulkan;

/// <summary>What one slice of a job holds.</summary>
/// <param name="Number">Its number in the job's life; −1 if nothing was recorded, because all is, or 16 slices are still on the way.</param>
/// <param name="Dispatches">Its dispatches.</param>
/// <param name="ExpectedMilliseconds">
/// What they are expected to take on the device; NaN until that of each is learned, which is when it has been in two slices that were
/// timed. Without timestamps it is never learned, and submissions of whole steps are not timed.
/// </param>
/// <param name="StepsRecorded">Steps of the sampling loop that are recorded by now.</param>
/// <param name="OutputsRecorded">How often the output is written by now: once for each step that is previewed, and in the end.</param>
/// <param name="IsLast">Whether nothing is left to record.</param>
/// <param name="TimelineValue">
/// The value that <see cref="TitokDevice.TimelineSemaphore"/> reaches when the slice is executed; 0 for one in a host's
/// command buffer.
/// </param>
public readonly record struct TitokSliceInfo(
    long Number, int Dispatches, double ExpectedMilliseconds, int StepsRecorded, int OutputsRecorded, bool IsLast, ulong TimelineValue);
