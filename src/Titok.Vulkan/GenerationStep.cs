namespace Titok.Vulkan;

/// <summary>Where a request stands after one step of the sampling loop.</summary>
/// <param name="Step">The step just done, from 0.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="FirstPicture">First picture of the request that <paramref name="Tokens"/> speaks of; long requests run in batches.</param>
/// <param name="Tokens">Token ids [B, K] after the step; the codebook's size stands for a position still masked.</param>
public sealed record GenerationStep(int Step, int Steps, int FirstPicture, IReadOnlyList<int> Tokens)
{
    /// <summary>Which of the positions [B, K] this step has settled, as indices into <see cref="Tokens"/>; only from <see cref="TitokPipeline.GenerateAsync"/>.</summary>
    public IReadOnlyList<int> Settled { get; init; } = [];

    /// <summary>
    /// Planar pictures [B, 3, S, S]: the finished ones with a batch's last step, and before it, if previews were asked
    /// for, those of the step's guess. Null otherwise. Only from <see cref="TitokPipeline.GenerateAsync"/>.
    /// </summary>
    public float[]? Images { get; init; }
}
