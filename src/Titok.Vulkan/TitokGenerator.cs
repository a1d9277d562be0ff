using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Engine;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Models;

namespace Titok.Vulkan;

/// <summary>A TiTok generator: class labels to the tokens of new pictures.</summary>
/// <remarks>Calls from several threads take turns.</remarks>
public sealed class TitokGenerator : IDisposable
{
    private readonly Lock _lock = new();
    private readonly GeneratorEngine _engine;
    private bool _disposed;

    private TitokGenerator(GeneratorEngine engine, TitokGeneratorInfo info, GenerationPreset? published) =>
        (_engine, Info, PublishedSettings) = (engine, info, published);

    /// <summary>What it is.</summary>
    public TitokGeneratorInfo Info { get; }

    /// <summary>The settings in the checkpoint's config, with which the published FID was measured; null if it has none.</summary>
    public GenerationPreset? PublishedSettings { get; }

    /// <summary>Loads a generator onto a device.</summary>
    /// <param name="device">The device; it must outlive the generator.</param>
    /// <param name="path">A model folder, a Hugging Face folder, or a .safetensors or .bin file beside its config.json.</param>
    /// <param name="precision">How weights and activations are stored.</param>
    /// <param name="cancellation">Looked at between tensors.</param>
    /// <exception cref="ModelFormatException">A file is missing, damaged, or not a TiTok generator.</exception>
    /// <exception cref="OutOfDeviceMemoryException">The weights do not fit.</exception>
    public static TitokGenerator Load(
        TitokDevice device, string path, TitokPrecision precision = TitokPrecision.Auto, CancellationToken cancellation = default) =>
        Load(device, ModelFolder.Open(path).RequireGenerator(), precision, cancellation);

    /// <summary>Token ids [N, K] for a request.</summary>
    /// <param name="request">Classes, seed and settings.</param>
    /// <param name="progress">Told of every step with its ids; asking for it costs a read-back a step.</param>
    /// <param name="cancellation">Looked at between steps.</param>
    /// <exception cref="OperationCanceledException">The request was cancelled.</exception>
    public int[] Generate(
        GenerationRequest request, IProgress<GenerationStep>? progress = null, CancellationToken cancellation = default)
    {
        int[] tokens = new int[request.Classes.Count * Info.LatentTokens];
        Run(request, progress, cancellation, (loop, first, _) => loop.ReadIds().CopyTo(tokens, first * Info.LatentTokens));
        return tokens;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            _disposed = true;
            _engine.Dispose();
        }
    }

    internal static TitokGenerator Load(TitokDevice device, ModelPart part, TitokPrecision precision, CancellationToken cancellation)
    {
        (Checkpoint checkpoint, GeneratorSpec spec) = part.OpenGenerator();
        KernelProfile profile = device.ProfileFor(precision);
        var engine = new GeneratorEngine(device.Gpu, checkpoint, spec, profile);
        try
        {
            engine.LoadWeights(cancellation);
        }
        catch
        {
            engine.Dispose();
            throw;
        }
        return new TitokGenerator(engine, ModelInfo.Describe(checkpoint, spec, ModelInfo.Precision(profile)), part.Config.Generator?.Preset);
    }

    /// <summary>Runs a request in batches; after each, <paramref name="onBatch"/> gets the loop, the first picture and how many.</summary>
    internal void Run(
        GenerationRequest request, IProgress<GenerationStep>? progress, CancellationToken cancellation,
        Action<DecodingLoop, int, int> onBatch)
    {
        request.Check(Info.Classes);
        GenerationPreset settings = request.Settings;
        StepSettings[] schedule = DecodingSchedule.Create(
            settings.Steps, Info.LatentTokens, settings.Guidance, settings.Decay, settings.GuidancePower, settings.Temperature, settings.Anneal);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            for (int first = 0; first < request.Classes.Count; first += _engine.Batch)
            {
                int batch = Math.Min(_engine.Batch, request.Classes.Count - first);
                uint[] classes = [.. request.Classes.Skip(first).Take(batch).Select(c => (uint)c)];
                DecodingLoop loop = _engine.Loop(batch, settings.Steps);
                int start = first;
                loop.Run(
                    classes,
                    unchecked(request.Seed + (ulong)first),
                    schedule,
                    progress is null ? null : (step, ids) => progress.Report(new GenerationStep(step, settings.Steps, start, ids)),
                    cancellation);
                onBatch(loop, first, batch);
            }
        }
    }
}
