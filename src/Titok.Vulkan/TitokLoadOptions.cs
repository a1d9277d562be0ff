using Titok.Vulkan.Checkpoints;

namespace Titok.Vulkan;

/// <summary>How a model is loaded.</summary>
public sealed record TitokLoadOptions
{
    /// <summary>How weights and activations are stored.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such precision.</exception>
    public TitokPrecision Precision
    {
        get;
        init => field = EnumValue.Defined(value, nameof(Precision));
    }

    /// <summary>How the weights of a generator's linear layers are.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are no such weights.</exception>
    public TitokGeneratorWeights GeneratorWeights
    {
        get;
        init => field = EnumValue.Defined(value, nameof(GeneratorWeights));
    }

    /// <summary>
    /// Files of the program's, among which paths are looked up instead of on disk; the empty path is what holds them all. They are
    /// not needed any more once the model is loaded.
    /// </summary>
    public TitokModelFiles? Files { get; init; }

    /// <summary>
    /// Told the share of the weights' bytes that is loaded, from 0 to 1, before each tensor and at the end; and 0 now and then
    /// while kernels are compiled, tested and measured, the first time on a device.
    /// </summary>
    public IProgress<double>? Progress { get; init; }

    /// <summary>Where paths are looked up.</summary>
    internal IModelFiles Source => DiskFiles.Unless(Files);

    /// <summary>Throws unless it can be a path: one on disk has a name.</summary>
    internal void CheckPath(string path, string name)
    {
        ArgumentNullException.ThrowIfNull(path, name);
        if (Files is null)
            ArgumentException.ThrowIfNullOrEmpty(path, name);
    }
}
