using Titok.Vulkan.Gpu;

namespace Titok.Vulkan.Engine;

/// <summary>A stretch of a job's work: a plan, which may be cut between dispatches, or a few commands that stay together.</summary>
/// <param name="Plan">The plan; null for commands.</param>
/// <param name="Commands">Writes the commands; null for a plan. Called each time that the job comes by.</param>
/// <param name="StepsAfter">Steps of the sampling loop that are done when this part is.</param>
/// <param name="WritesOutput">Whether it brings pictures to where the job's user wants them.</param>
internal readonly record struct JobPart(PlanInstance? Plan, Action<GpuCommands>? Commands, int StepsAfter, bool WritesOutput = false)
{
    /// <summary>Places where the part can be cut, and its end.</summary>
    public int Length => Plan?.Dispatches.Count ?? 1;
}

/// <summary>How far a job has come: everything before this dispatch of this part is recorded.</summary>
internal readonly record struct JobPosition(int Part, int Dispatch) : IComparable<JobPosition>
{
    public int CompareTo(JobPosition other) => Part != other.Part ? Part.CompareTo(other.Part) : Dispatch.CompareTo(other.Dispatch);
}
