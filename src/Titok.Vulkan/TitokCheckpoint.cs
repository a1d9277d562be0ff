using Titok.Vulkan.Checkpoints;

namespace Titok.Vulkan;

/// <summary>Work on checkpoint files that needs no device.</summary>
public static class TitokCheckpoint
{
    /// <summary>Writes a .bin or fp32 safetensors checkpoint, or a model folder of them, as fp16 safetensors.</summary>
    /// <param name="source">A weights file or a model folder.</param>
    /// <param name="destination">Where to write; made under a temporary name and renamed.</param>
    /// <param name="progress">Told the share of the weights' bytes that is done, 0 to 1.</param>
    /// <param name="cancellation">Looked at between tensors.</param>
    /// <exception cref="ModelFormatException">The source is damaged, or a value does not fit fp16.</exception>
    /// <exception cref="TitokException">The destination is there already, or can't be written.</exception>
    public static void ConvertToHalf(
        string source, string destination, IProgress<double>? progress = null, CancellationToken cancellation = default) =>
        CheckpointConverter.Convert(
            source,
            destination,
            progress is null ? null : (_, doneInBytes, totalInBytes) => progress.Report(totalInBytes == 0 ? 1 : (double)doneInBytes / totalInBytes),
            cancellation);
}
