namespace Titok.Vulkan.Engine;

/// <summary>What one slice of a job holds.</summary>
/// <param name="Number">Its number in the job's life; -1 where nothing was recorded.</param>
/// <param name="Dispatches">How many dispatches.</param>
/// <param name="ExpectedMilliseconds">What they are expected to take.</param>
/// <param name="StepsRecorded">Steps of the sampling loop recorded so far.</param>
/// <param name="OutputsRecorded">How often the output is written by what is recorded so far.</param>
/// <param name="IsLast">Whether nothing is left to record.</param>
/// <param name="Submission">The timeline's value when it is done; 0 in a host's command buffer.</param>
internal readonly record struct JobSlice(
    long Number, int Dispatches, double ExpectedMilliseconds, int StepsRecorded, int OutputsRecorded, bool IsLast, ulong Submission)
{
    public static JobSlice Nothing(Job job) => new(-1, 0, 0, job.StepsRecorded, job.OutputsRecorded, job.IsRecorded, 0);
}
