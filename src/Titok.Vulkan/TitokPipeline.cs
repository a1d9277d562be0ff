using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Engine;
using Titok.Vulkan.Gpu;

namespace Titok.Vulkan;

/// <summary>A generator and the tokenizer that its tokens belong to: class labels to pictures.</summary>
public sealed class TitokPipeline : IDisposable
{
    private TitokPipeline(TitokTokenizer tokenizer, TitokGenerator generator, ModelFolder labelled)
    {
        (Tokenizer, Generator, Labels) = (tokenizer, generator, labelled.Classes);
        Presets = PresetNames.Merge(generator.PublishedSettings, labelled.Presets);
    }

    /// <summary>The tokenizer.</summary>
    public TitokTokenizer Tokenizer { get; }

    /// <summary>The generator.</summary>
    public TitokGenerator Generator { get; }

    /// <summary>A label for each class, from the model folder's classes.txt; empty if it has none.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>Named settings: "demo", "paper" where the checkpoint's config has them, and those of the model folder.</summary>
    public IReadOnlyDictionary<string, GenerationSettings> Presets { get; }

    /// <summary>The settings to use when nobody asks for others: "paper", or else "demo".</summary>
    public GenerationSettings DefaultSettings => PresetNames.Default(Presets);

    /// <summary>Loads both parts of a model folder.</summary>
    /// <inheritdoc cref="Load(TitokDevice, string, string, TitokLoadOptions, CancellationToken)"/>
    public static TitokPipeline Load(
        TitokDevice device, string path, TitokLoadOptions? options = null, CancellationToken cancellation = default) =>
        Load(device, path, path, options, cancellation);

    /// <summary>Loads a tokenizer and a generator, and checks that they fit each other.</summary>
    /// <param name="device">The device; it must outlive the pipeline.</param>
    /// <param name="tokenizerPath">A model folder, a Hugging Face folder, or a weights file beside its config.json.</param>
    /// <param name="generatorPath">The same for the generator; labels and presets are taken from here.</param>
    /// <param name="options">How; by default in the precision that suits the device, from disk.</param>
    /// <param name="cancellation">Looked at between tensors, and between kernels that are tried.</param>
    /// <exception cref="ModelFormatException">A file is missing or damaged, or the two do not fit.</exception>
    /// <exception cref="ArgumentException">A path is empty, and there are no files in memory.</exception>
    /// <exception cref="OperationCanceledException">The loading was cancelled.</exception>
    /// <exception cref="MissingFeatureException">fp16 was asked for, and the device can't store it.</exception>
    /// <exception cref="OutOfDeviceMemoryException">The weights do not fit.</exception>
    /// <exception cref="DeviceLostException">The device was lost.</exception>
    public static TitokPipeline Load(
        TitokDevice device, string tokenizerPath, string generatorPath, TitokLoadOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(device);
        options ??= new TitokLoadOptions();
        options.CheckPath(tokenizerPath, nameof(tokenizerPath));
        options.CheckPath(generatorPath, nameof(generatorPath));
        ModelFolder tokenizerFolder = ModelFolder.Open(options.Source, tokenizerPath);
        ModelFolder generatorFolder = tokenizerPath == generatorPath ? tokenizerFolder : ModelFolder.Open(options.Source, generatorPath);
        ModelPart tokenizerPart = tokenizerFolder.RequireTokenizer();
        ModelPart generatorPart = generatorFolder.RequireGenerator();

        double tokenizerShare = CheckPairing(tokenizerPart, generatorPart, generatorFolder);
        PartProgress? tokenizerProgress = null, generatorProgress = null;
        if (options.Progress is { } all)
            (tokenizerProgress, generatorProgress) = (new PartProgress(all, 0, tokenizerShare), new PartProgress(all, tokenizerShare, 1 - tokenizerShare));

        TitokTokenizer tokenizer = TitokTokenizer.Load(device, tokenizerPart, options, tokenizerProgress, cancellation);
        TitokGenerator? generator = null;
        try
        {
            generator = TitokGenerator.Load(device, generatorPart, options, generatorProgress, cancellation);
            return new TitokPipeline(tokenizer, generator, generatorFolder);
        }
        catch
        {
            generator?.Dispose();
            tokenizer.Dispose();
            throw;
        }
    }

    /// <summary>Generates pictures. Nothing is read back from the device before the pictures, unless progress is asked for.</summary>
    /// <param name="request">Classes, seed and settings.</param>
    /// <param name="progress">Told of every step with its ids.</param>
    /// <param name="cancellation">Looked at between steps.</param>
    /// <exception cref="ArgumentException">A class or setting is out of its range, or there are more pictures than an array holds.</exception>
    /// <exception cref="OperationCanceledException">The request was cancelled.</exception>
    /// <exception cref="OutOfDeviceMemoryException">Not even one picture fits.</exception>
    /// <exception cref="DeviceLostException">The device was lost.</exception>
    /// <exception cref="NotFiniteException">Logits or pixels are no finite numbers, as where a model overflows fp16.</exception>
    public GenerationResult Generate(
        GenerationRequest request, IProgress<GenerationStep>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        request = request.Checked(Generator.Info);
        ThrowIfDisposed();
        int pictures = request.Classes.Count, size = Tokenizer.Info.ImageSize, pictureLength = 3 * size * size;
        int[] tokens = ResultArray.New<int>(pictures, Generator.Info.LatentTokens);
        float[] images = ResultArray.New<float>(pictures, pictureLength);
        Generator.Run(request, Tokenizer, progress, cancellation, (job, first) =>
        {
            GpuBufferRange decoded = job.Images!.Value;
            job.Device.Download(decoded.Buffer, decoded.OffsetInBytes, MemoryMarshal.AsBytes(images.AsSpan(first * pictureLength, job.Batch * pictureLength)));
            job.Ids(job.Steps - 1).CopyTo(tokens.AsSpan(first * Generator.Info.LatentTokens));
        });
        return new GenerationResult(tokens, images);
    }

    /// <summary>Generates pictures step by step, without holding a thread. Several calls may be under way at once.</summary>
    /// <param name="request">Classes, seed, settings and known tokens.</param>
    /// <param name="previews">Whether every step comes with pictures of its guess, each at the cost of decoding them.</param>
    /// <param name="cancellation">Looked at between steps; what is on the device then ends by itself.</param>
    /// <exception cref="ArgumentException">A class or setting is out of its range, or there are more pictures than an array holds.</exception>
    /// <exception cref="OperationCanceledException">The request was cancelled.</exception>
    /// <exception cref="OutOfDeviceMemoryException">Not even one picture fits.</exception>
    /// <exception cref="DeviceLostException">The device was lost.</exception>
    /// <exception cref="NotFiniteException">Logits or pixels are no finite numbers, as where a model overflows fp16.</exception>
    public IAsyncEnumerable<GenerationStep> GenerateAsync(
        GenerationRequest request, bool previews = false, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        request = request.Checked(Generator.Info);
        ThrowIfDisposed();
        return StepsAsync(request, previews, cancellation);
    }

    /// <summary>Most pictures that one job makes.</summary>
    public int MaxPicturesPerJob => Math.Min(Generator.Engine.Batch, Tokenizer.Engine.Batch);

    /// <summary>
    /// Begins a request that is then done in slices. Several may be on the way at once; each has memory of its own, which
    /// is made now unless an earlier job has left some. Where the device has timestamps, a reset of queries is submitted.
    /// </summary>
    /// <param name="request">Classes, seed, settings and known tokens, for at most <see cref="MaxPicturesPerJob"/> pictures.</param>
    /// <exception cref="ArgumentException">Something is out of its range, or the request has too many pictures.</exception>
    /// <exception cref="OutOfDeviceMemoryException">The job's memory does not fit.</exception>
    public TitokGenerationJob Begin(GenerationRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Check(Generator.Info);
        ThrowIfDisposed();
        if (request.Classes.Count > MaxPicturesPerJob)
            throw new ArgumentOutOfRangeException(nameof(request), request.Classes.Count, $"A job makes at most {MaxPicturesPerJob} pictures.");
        var job = new GenerationJob(Generator.Engine, Tokenizer.Engine, request.Classes.Count, request.Settings.Steps);
        try
        {
            job.Set(request, 0);
            return new TitokGenerationJob(this, job);
        }
        catch
        {
            job.Dispose();
            throw;
        }
    }

    private async IAsyncEnumerable<GenerationStep> StepsAsync(
        GenerationRequest request, bool previews, [EnumeratorCancellation] CancellationToken cancellation)
    {
        int mask = Generator.Info.CodebookSize;
        int most = MaxPicturesPerJob;
        for (int first = 0, batch; first < request.Classes.Count; first += batch)
        {
            ThrowIfDisposed();
            using GenerationJob job = MemoryShortage.Fit(
                Math.Min(most, request.Classes.Count - first), (this, request, previews, first),
                static (with, pictures) => with.Item1.BeginSteps(with.request, with.previews, with.first, pictures));
            most = batch = job.Batch;
            if (!Generator.Engine.LongestSlice.IsWhole)
                job.PrepareTimes();
            int[] before = [.. request.KnownTokens?.Skip(first * Generator.Info.LatentTokens).Take(batch * Generator.Info.LatentTokens)
                ?? Enumerable.Repeat(-1, batch * Generator.Info.LatentTokens)];
            for (int step = 0; step < job.Steps; step++)
            {
                bool isShown = previews || step == job.Steps - 1;
                int outputs = job.OutputsRecorded;
                do
                {
                    cancellation.ThrowIfCancellationRequested();
                    ThrowIfDisposed();
                    await job.Device.Watcher.WaitAsync(job.Submit(Generator.Engine.LongestSlice).TimelineValue, cancellation).ConfigureAwait(false);
                }
                while (isShown ? job.OutputsRecorded == outputs : job.StepsRecorded <= step);
                job.Poll();
                int[] ids = job.Ids(step).ToArray();
                float[]? images = isShown ? MemoryMarshal.Cast<byte, float>(job.Output!.Bytes).ToArray() : null;
                if (step == job.Steps - 1)
                    job.RequireFinite(first);
                else if (images is not null)
                    Tokenizer.Engine.Results.Require(images, batch, FiniteResults.Pixels, first);
                yield return new GenerationStep(step, job.Steps, first, ids)
                {
                    Settled = [.. Enumerable.Range(0, ids.Length).Where(i => ids[i] != mask && (before[i] < 0 || before[i] == mask))],
                    Images = images,
                };
                before = ids;
            }
        }
    }

    private GenerationJob BeginSteps(GenerationRequest request, bool previews, int first, int batch)
    {
        var job = new GenerationJob(Generator.Engine, Tokenizer.Engine, batch, request.Settings.Steps);
        try
        {
            job.Output!.Target = new MemoryPictureTarget();
            job.Output.AfterEveryStep = previews;
            job.Set(request, first);
            return job;
        }
        catch
        {
            job.Dispose();
            throw;
        }
    }

    internal void ThrowIfDisposed()
    {
        Generator.ThrowIfDisposed();
        Tokenizer.ThrowIfDisposed();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Generator.Dispose();
        Tokenizer.Dispose();
    }

    /// <summary>
    /// Told from names and shapes, before any weights are uploaded, which takes seconds and gigabytes. Returns the tokenizer's share
    /// of both parts' bytes.
    /// </summary>
    private static double CheckPairing(ModelPart tokenizerPart, ModelPart generatorPart, ModelFolder generatorFolder)
    {
        (Checkpoint tokenizerWeights, TokenizerSpec tokenizer) = tokenizerPart.OpenTokenizer();
        using (tokenizerWeights)
        {
            (Checkpoint generatorWeights, GeneratorSpec generator) = generatorPart.OpenGenerator();
            using (generatorWeights)
                ModelPairing.Check(tokenizer, tokenizerPart.WeightsFile, generator, generatorPart.WeightsFile);
            ModelPairing.CheckClasses(generatorFolder.Classes, generatorFolder.ClassesFilePath, generator);
            return (double)tokenizerWeights.LengthInBytes / (tokenizerWeights.LengthInBytes + generatorWeights.LengthInBytes);
        }
    }
}
