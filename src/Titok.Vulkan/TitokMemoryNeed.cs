namespace Titok.Vulkan;

/// <summary>Device memory that a part of a model takes.</summary>
/// <param name="WeightsInBytes">Its weights, packed for the kernels.</param>
/// <param name="WorkInBytes">Intermediate results for one picture; N together take at most N times as much.</param>
public sealed record TitokMemoryNeed(long WeightsInBytes, long WorkInBytes);
