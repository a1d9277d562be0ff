using System.Runtime.InteropServices;
using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Engine;
using Titok.Vulkan.Gpu;

namespace Titok.Vulkan;

/// <summary>A generator and the tokenizer that its tokens belong to: class labels to pictures.</summary>
public sealed class TitokPipeline : IDisposable
{
    private readonly TitokDevice _device;

    private TitokPipeline(TitokDevice device, TitokTokenizer tokenizer, TitokGenerator generator, ModelFolder labelled)
    {
        (_device, Tokenizer, Generator, Labels) = (device, tokenizer, generator, labelled.Classes);
        Presets = PresetNames.Merge(generator.PublishedSettings, labelled.Presets);
    }

    /// <summary>The tokenizer.</summary>
    public TitokTokenizer Tokenizer { get; }

    /// <summary>The generator.</summary>
    public TitokGenerator Generator { get; }

    /// <summary>A label for each class, from the model folder's classes.txt; empty if it has none.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>Named settings: "demo", "paper" where the checkpoint's config has them, and those of the model folder.</summary>
    public IReadOnlyDictionary<string, GenerationPreset> Presets { get; }

    /// <summary>The settings to use when nobody asks for others: "paper", or else "demo".</summary>
    public GenerationPreset DefaultPreset => PresetNames.Default(Presets);

    /// <summary>Loads both parts of a model folder.</summary>
    /// <inheritdoc cref="Load(TitokDevice, string, string, TitokPrecision, CancellationToken)"/>
    public static TitokPipeline Load(
        TitokDevice device, string path, TitokPrecision precision = TitokPrecision.Auto, CancellationToken cancellation = default) =>
        Load(device, path, path, precision, cancellation);

    /// <summary>Loads a tokenizer and a generator, and checks that they fit each other.</summary>
    /// <param name="device">The device; it must outlive the pipeline.</param>
    /// <param name="tokenizerPath">A model folder, a Hugging Face folder, or a weights file beside its config.json.</param>
    /// <param name="generatorPath">The same for the generator; labels and presets are taken from here.</param>
    /// <param name="precision">How weights and activations are stored.</param>
    /// <param name="cancellation">Looked at between tensors.</param>
    /// <exception cref="ModelFormatException">A file is missing or damaged, or the two do not fit.</exception>
    /// <exception cref="OutOfDeviceMemoryException">The weights do not fit.</exception>
    public static TitokPipeline Load(
        TitokDevice device, string tokenizerPath, string generatorPath, TitokPrecision precision = TitokPrecision.Auto,
        CancellationToken cancellation = default)
    {
        ModelFolder tokenizerFolder = ModelFolder.Open(tokenizerPath);
        ModelFolder generatorFolder = tokenizerPath == generatorPath ? tokenizerFolder : ModelFolder.Open(generatorPath);
        ModelPart tokenizerPart = tokenizerFolder.RequireTokenizer();
        ModelPart generatorPart = generatorFolder.RequireGenerator();

        CheckPairing(tokenizerPart, generatorPart, generatorFolder);

        TitokTokenizer tokenizer = TitokTokenizer.Load(device, tokenizerPart, precision, cancellation);
        TitokGenerator? generator = null;
        try
        {
            generator = TitokGenerator.Load(device, generatorPart, precision, cancellation);
            return new TitokPipeline(device, tokenizer, generator, generatorFolder);
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
    /// <exception cref="ArgumentOutOfRangeException">A class or setting is out of its range.</exception>
    /// <exception cref="OperationCanceledException">The request was cancelled.</exception>
    public GenerationResult Generate(
        GenerationRequest request, IProgress<GenerationStep>? progress = null, CancellationToken cancellation = default)
    {
        int pictures = request.Classes.Count, size = Tokenizer.Info.ImageSize, pictureLength = 3 * size * size;
        int[] tokens = new int[pictures * Generator.Info.LatentTokens];
        float[] images = new float[checked(pictures * pictureLength)];
        Generator.Run(request, Tokenizer.Engine, progress, cancellation, (job, first) =>
        {
            GpuBufferRange decoded = job.Images!.Value;
            job.Device.Download(decoded.Buffer, decoded.OffsetInBytes, MemoryMarshal.AsBytes(images.AsSpan(first * pictureLength, job.Batch * pictureLength)));
            job.Ids(job.Steps - 1).CopyTo(tokens.AsSpan(first * Generator.Info.LatentTokens));
        });
        return new GenerationResult(tokens, images);
    }

    /// <summary>Most pictures that one job makes.</summary>
    public int MostPicturesPerJob => Math.Min(Generator.Engine.Batch, Tokenizer.Engine.Batch);

    /// <summary>
    /// Begins a request that is then done in slices. Several may be on the way at once; each has memory of its own, which
    /// is made now unless an earlier job has left some.
    /// </summary>
    /// <param name="request">Classes, seed, settings and known tokens, for at most <see cref="MostPicturesPerJob"/> pictures.</param>
    /// <exception cref="ArgumentException">Something is out of its range, or the request has too many pictures.</exception>
    /// <exception cref="OutOfDeviceMemoryException">The job's memory does not fit.</exception>
    public TitokGenerationJob Begin(GenerationRequest request)
    {
        request.Check(Generator.Info);
        if (request.Classes.Count > MostPicturesPerJob)
            throw new ArgumentOutOfRangeException(nameof(request), request.Classes.Count, $"A job makes at most {MostPicturesPerJob} pictures.");
        var job = new GenerationJob(Generator.Engine, Tokenizer.Engine, request.Classes.Count, request.Settings.Steps);
        job.Set(request, 0);
        return new TitokGenerationJob(this, _device, job);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Generator.Dispose();
        Tokenizer.Dispose();
    }

    /// <summary>Told from names and shapes, before any weights are uploaded, which takes seconds and gigabytes.</summary>
    private static void CheckPairing(ModelPart tokenizerPart, ModelPart generatorPart, ModelFolder generatorFolder)
    {
        (Checkpoint tokenizerWeights, TokenizerSpec tokenizer) = tokenizerPart.OpenTokenizer();
        using (tokenizerWeights)
        {
            (Checkpoint generatorWeights, GeneratorSpec generator) = generatorPart.OpenGenerator();
            using (generatorWeights)
                ModelPairing.Check(tokenizer, tokenizerPart.WeightsFile, generator, generatorPart.WeightsFile);
            ModelPairing.CheckClasses(generatorFolder.Classes, generatorFolder.ClassesFilePath, generator);
        }
    }
}
