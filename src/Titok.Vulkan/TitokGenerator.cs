using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Engine;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan;

/// <summary>A TiTok generator: class labels to the tokens of new pictures.</summary>
/// <remarks>Calls from several threads take turns.</remarks>
public sealed class TitokGenerator : IDisposable
{
    private readonly Lock _lock = new();
    private readonly GeneratorEngine _engine;
    private bool _disposed;

    private TitokGenerator(GeneratorEngine engine, TitokGeneratorInfo info, GenerationSettings? published) =>
        (_engine, Info, PublishedSettings) = (engine, info, published);

    /// <summary>What it is.</summary>
    public TitokGeneratorInfo Info { get; }

    /// <summary>The settings in the checkpoint's config, with which the published FID was measured; null if it has none.</summary>
    public GenerationSettings? PublishedSettings { get; }

    /// <summary>Loads a generator onto a device.</summary>
    /// <param name="device">The device; it must outlive the generator.</param>
    /// <param name="path">A model folder, a Hugging Face folder, or a .safetensors or .bin file beside its config.json.</param>
    /// <param name="options">How; by default in the precision that suits the device, from disk.</param>
    /// <param name="cancellation">Looked at between tensors, and between kernels that are tried.</param>
    /// <exception cref="ModelFormatException">A file is missing, damaged, or not a TiTok generator.</exception>
    /// <exception cref="ArgumentException">The path is empty, and there are no files in memory.</exception>
    /// <exception cref="OperationCanceledException">The loading was cancelled.</exception>
    /// <exception cref="MissingFeatureException">fp16 was asked for, and the device can't store it.</exception>
    /// <exception cref="OutOfDeviceMemoryException">The weights do not fit.</exception>
    /// <exception cref="DeviceLostException">The device was lost.</exception>
    public static TitokGenerator Load(
        TitokDevice device, string path, TitokLoadOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(device);
        options ??= new TitokLoadOptions();
        options.CheckPath(path, nameof(path));
        return Load(device, ModelFolder.Open(options.Source, path).RequireGenerator(), options, options.Progress, cancellation);
    }

    /// <summary>Token ids [N, K] for a request.</summary>
    /// <param name="request">Classes, seed and settings.</param>
    /// <param name="progress">Told of every step with its ids; asking for it costs a read-back a step.</param>
    /// <param name="cancellation">Looked at between steps.</param>
    /// <exception cref="ArgumentException">A class or setting is out of its range.</exception>
    /// <exception cref="OperationCanceledException">The request was cancelled.</exception>
    /// <exception cref="OutOfDeviceMemoryException">Not even one picture fits.</exception>
    /// <exception cref="DeviceLostException">The device was lost.</exception>
    /// <exception cref="NotFiniteException">Logits are no finite numbers, as where a model overflows fp16.</exception>
    public int[] Generate(
        GenerationRequest request, IProgress<GenerationStep>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        request = request.Checked(Info);
        int[] tokens = ResultArray.New<int>(request.Classes.Count, Info.LatentTokens);
        Run(request, null, progress, cancellation, (job, first) => job.Ids(job.Steps - 1).CopyTo(tokens.AsSpan(first * Info.LatentTokens)));
        return tokens;
    }

    /// <summary>Frees the weights and the memory of jobs. It waits for a blocking call that another thread is in, and for nothing else.</summary>
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

    internal static TitokGenerator Load(
        TitokDevice device, ModelPart part, TitokLoadOptions options, IProgress<double>? progress, CancellationToken cancellation)
    {
        KernelProfile profile = device.ProfileFor(options.Precision, progress, cancellation) with
        {
            Int8Weights = options.GeneratorWeights == TitokGeneratorWeights.Int8,
        };
        (Checkpoint checkpoint, GeneratorSpec spec) = part.OpenGenerator();
        using (checkpoint)
        {
            var engine = new GeneratorEngine(device.Gpu, spec, profile);
            try
            {
                engine.LoadWeights(checkpoint, progress, cancellation);
                device.Gpu.SaveCache();
                TitokGeneratorInfo info = ModelDescription.Of(
                    checkpoint, spec, ModelDescription.Precision(profile), ModelDescription.WeightPrecision(profile));
                return new TitokGenerator(engine, info, part.Config.Generator?.Preset);
            }
            catch
            {
                engine.Dispose();
                throw;
            }
        }
    }

    internal GeneratorEngine Engine => _engine;

    internal void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_disposed, this);

    /// <summary>Runs a request in batches; after each, <paramref name="onBatch"/> gets its finished job and the first picture.</summary>
    /// <param name="request">Classes, seed and settings, which have been checked.</param>
    /// <param name="tokenizer">Decodes the tokens in the same submissions, and is held as long; null if nobody wants pictures.</param>
    /// <param name="progress">Told of every step.</param>
    /// <param name="cancellation">Looked at between steps.</param>
    /// <param name="onBatch">Takes the results.</param>
    internal void Run(
        GenerationRequest request, TitokTokenizer? tokenizer, IProgress<GenerationStep>? progress, CancellationToken cancellation,
        Action<GenerationJob, int> onBatch)
    {
        lock (_lock)
        {
            ThrowIfDisposed();
            if (tokenizer is null)
                RunBatches(request, null, progress, cancellation, onBatch);
            else
                tokenizer.Exclusively(() => RunBatches(request, tokenizer, progress, cancellation, onBatch));
        }
    }

    private void RunBatches(
        GenerationRequest request, TitokTokenizer? tokenizer, IProgress<GenerationStep>? progress, CancellationToken cancellation,
        Action<GenerationJob, int> onBatch)
    {
        int most = Math.Min(_engine.Batch, tokenizer?.Engine.Batch ?? int.MaxValue);
        for (int first = 0, batch; first < request.Classes.Count; first += batch)
        {
            using GenerationJob job = MemoryShortage.Fit(
                Math.Min(most, request.Classes.Count - first), (this, request, tokenizer?.Engine, first),
                static (with, pictures) => with.Item1.Begin(with.request, with.Engine, with.first, pictures));
            most = batch = job.Batch;
            job.RunToEnd(_engine.LongestSlice, progress is null ? null : Tell, cancellation);
            job.RequireFinite(first);
            onBatch(job, first);

            void Tell(int step)
            {
                progress.Report(new GenerationStep(step, job.Steps, first, job.Ids(step).ToArray()));
                // Whoever is told may have disposed of the model, on this thread, which holds its lock.
                ThrowIfDisposed();
                tokenizer?.ThrowIfDisposed();
            }
        }
    }

    private GenerationJob Begin(GenerationRequest request, TokenizerEngine? tokenizer, int first, int batch)
    {
        var job = new GenerationJob(_engine, tokenizer, batch, request.Settings.Steps);
        try
        {
            job.Set(request, first);
            return job;
        }
        catch
        {
            job.Dispose();
            throw;
        }
    }
}
