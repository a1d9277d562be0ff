namespace Titok.Vulkan;

/// <summary>Where a request stands after one step of the decoding loop.</summary>
/// <param name="Step">The step just done, from 0.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="FirstPicture">First picture of the request that <paramref name="Ids"/> speaks of; long requests run in batches.</param>
/// <param name="Ids">Token ids [B, K] after the step; the codebook's size stands for a position still masked.</param>
public sealed record GenerationStep(int Step, int Steps, int FirstPicture, IReadOnlyList<int> Ids);
