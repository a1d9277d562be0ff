namespace Titok.Vulkan.Engine;

/// <summary>What a slice holds, before it is recorded.</summary>
/// <param name="End">Where it ends.</param>
/// <param name="Dispatches">Its dispatches.</param>
/// <param name="ExpectedMilliseconds">What they are expected to take; NaN where that of any would be a guess.</param>
internal readonly record struct SliceExtent(JobPosition End, int Dispatches, double ExpectedMilliseconds);
