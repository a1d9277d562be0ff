using Titok.Vulkan.Checkpoints;

namespace Titok.Vulkan;

/// <summary>Work on checkpoint files that needs no device.</summary>
public static class TitokCheckpoint
{
    /// <summary>The published models that have both a tokenizer and a generator: L-32, B-64, S-128.</summary>
    public static IReadOnlyList<string> PublishedModels { get; } = [.. PublishedPair.All.Select(m => m.Name)];

    /// <summary>
    /// Writes a model folder of a published model's sizes with weights made from a seed: for measuring, and for trying a
    /// program before the real weights are there. Its pictures are noise.
    /// </summary>
    /// <param name="model">One of <see cref="PublishedModels"/>.</param>
    /// <param name="folder">Where tokenizer/ and generator/ go; fp32, up to 3.2 GB.</param>
    /// <param name="seed">The same seed gives the same weights.</param>
    /// <param name="progress">Told the share of the weights that is done, 0 to 1.</param>
    /// <param name="cancellation">Looked at between tensors.</param>
    /// <exception cref="ArgumentException">There is no such published model.</exception>
    /// <exception cref="TitokException">The folder can't be written.</exception>
    public static void WriteRandom(
        string model, string folder, ulong seed = 0, IProgress<double>? progress = null, CancellationToken cancellation = default) =>
        RandomModel.Write(folder, PublishedPair.Find(model), seed, progress is null ? null : progress.Report, cancellation);

    /// <summary>Writes a .bin or fp32 safetensors checkpoint, or a model folder of them, as fp16 safetensors.</summary>
    /// <param name="source">A weights file or a model folder.</param>
    /// <param name="destination">Where to write; made under a temporary name and renamed.</param>
    /// <param name="progress">Told the share of the weights' bytes that is done, 0 to 1.</param>
    /// <param name="cancellation">Looked at between tensors.</param>
    /// <exception cref="ModelFormatException">The source is damaged, or a value does not fit fp16.</exception>
    /// <exception cref="TitokException">The destination is there already (an empty folder may be), or can't be written.</exception>
    public static void ConvertToHalf(
        string source, string destination, IProgress<double>? progress = null, CancellationToken cancellation = default) =>
        CheckpointConverter.Convert(
            source,
            destination,
            progress is null ? null : (doneInBytes, totalInBytes) => progress.Report(totalInBytes == 0 ? 1 : (double)doneInBytes / totalInBytes),
            cancellation);
}
