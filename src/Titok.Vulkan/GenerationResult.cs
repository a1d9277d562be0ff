namespace Titok.Vulkan;

/// <summary>Generated pictures and the tokens they were decoded from.</summary>
/// <param name="Tokens">Token ids [N, K].</param>
/// <param name="Images">Planar pictures [N, 3, S, S], fp32, about 0..1, not clamped.</param>
public sealed record GenerationResult(int[] Tokens, float[] Images);
