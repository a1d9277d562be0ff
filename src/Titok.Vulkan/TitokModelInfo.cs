using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Engine;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan;

/// <summary>What a model is made of. Finding out needs no device and reads no weights.</summary>
public sealed record TitokModelInfo
{
    private readonly TokenizerSpec? _tokenizerSpec;
    private readonly GeneratorSpec? _generatorSpec;

    private TitokModelInfo(ModelFolder labelled, ModelPart? tokenizer, ModelPart? generator)
    {
        if (tokenizer is not null)
        {
            (Checkpoint checkpoint, _tokenizerSpec) = tokenizer.OpenTokenizer();
            using (checkpoint)
                Tokenizer = ModelDescription.Of(checkpoint, _tokenizerSpec, ModelDescription.StoredPrecision(checkpoint));
            TokenizerFile = tokenizer.WeightsFile;
        }
        if (generator is not null)
        {
            (Checkpoint checkpoint, _generatorSpec) = generator.OpenGenerator();
            using (checkpoint)
                Generator = ModelDescription.Of(checkpoint, _generatorSpec, ModelDescription.StoredPrecision(checkpoint), ModelDescription.StoredPrecision(checkpoint));
            GeneratorFile = generator.WeightsFile;
        }
        if (_tokenizerSpec is not null && _generatorSpec is not null)
            ModelPairing.Check(_tokenizerSpec, TokenizerFile!, _generatorSpec, GeneratorFile!);
        if (_generatorSpec is not null)
            ModelPairing.CheckClasses(labelled.Classes, labelled.ClassesFilePath, _generatorSpec);
        Labels = labelled.Classes;
        Presets = PresetNames.Merge(generator?.Config.Generator?.Preset, labelled.Presets);
    }

    /// <summary>The tokenizer, with the precision that its file has; null if there is none.</summary>
    public TitokTokenizerInfo? Tokenizer { get; }

    /// <summary>The generator, with the precision that its file has; null if there is none.</summary>
    public TitokGeneratorInfo? Generator { get; }

    /// <summary>The tokenizer's weights file.</summary>
    public string? TokenizerFile { get; }

    /// <summary>The generator's weights file.</summary>
    public string? GeneratorFile { get; }

    /// <summary>A label for each class, from the model folder's classes.txt; empty if it has none.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>Named settings: "demo", "paper" where the checkpoint's config has them, and those of the model folder.</summary>
    public IReadOnlyDictionary<string, GenerationSettings> Presets { get; }

    /// <summary>The settings to use when nobody asks for others: "paper", or else "demo".</summary>
    public GenerationSettings DefaultSettings => PresetNames.Default(Presets);

    /// <summary>Reads about a model folder, or about one part.</summary>
    /// <param name="path">A model folder, a Hugging Face folder, or a weights file beside its config.json.</param>
    /// <exception cref="ModelFormatException">A file is missing or damaged, or the parts do not fit each other.</exception>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    public static TitokModelInfo Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Read(ModelFolder.Open(path));
    }

    /// <summary>Reads about a model in memory.</summary>
    /// <param name="files">Its files.</param>
    /// <exception cref="ModelFormatException">A file is missing or damaged, or the parts do not fit each other.</exception>
    public static TitokModelInfo Read(TitokModelFiles files)
    {
        ArgumentNullException.ThrowIfNull(files);
        return Read(ModelFolder.Open(files, ""));
    }

    /// <summary>Reads about the parts named, at least one of them, and checks that two of them fit each other.</summary>
    /// <param name="tokenizerPath">Where the tokenizer is; null for none.</param>
    /// <param name="generatorPath">Where the generator is, with its labels and presets; null for none.</param>
    /// <param name="files">Files in memory, among which paths are looked up; null for those on disk.</param>
    /// <exception cref="ModelFormatException">A file is missing or damaged, or the parts do not fit each other.</exception>
    public static TitokModelInfo Read(string? tokenizerPath, string? generatorPath, TitokModelFiles? files = null)
    {
        if (files is null && (tokenizerPath == "" || generatorPath == ""))
            throw new ArgumentException("A path is empty.", tokenizerPath == "" ? nameof(tokenizerPath) : nameof(generatorPath));
        string named = generatorPath ?? tokenizerPath ?? throw new ArgumentNullException(nameof(tokenizerPath));
        ModelFolder folder = ModelFolder.Open(DiskFiles.Unless(files), named);
        ModelFolder? tokenizerFolder = tokenizerPath is null || tokenizerPath == named ? folder : ModelFolder.Open(DiskFiles.Unless(files), tokenizerPath);
        return new TitokModelInfo(
            folder,
            tokenizerPath is null ? null : tokenizerFolder.RequireTokenizer(),
            generatorPath is null ? null : folder.RequireGenerator());
    }

    /// <summary>Device memory for the tokenizer; null if there is none.</summary>
    /// <param name="precision">fp16 or fp32; without a device automatic counts as fp32.</param>
    /// <param name="device">
    /// Whose kernels are counted with, which are tried if they never were; null for the portable ones, which take as much for
    /// weights, and for the rest less than those for CPUs.
    /// </param>
    public TitokMemoryNeed? TokenizerMemory(TitokPrecision precision, TitokDevice? device = null) =>
        _tokenizerSpec is null ? null : MemoryEstimate.Of(_tokenizerSpec, ProfileOf(precision, device));

    /// <summary>Device memory for the generator; null if there is none.</summary>
    /// <param name="precision">fp16 or fp32; without a device automatic counts as fp32.</param>
    /// <param name="weights">How the weights of linear layers are stored.</param>
    /// <param name="device">As for the tokenizer.</param>
    public TitokMemoryNeed? GeneratorMemory(
        TitokPrecision precision, TitokGeneratorWeights weights = TitokGeneratorWeights.Auto, TitokDevice? device = null) =>
        _generatorSpec is null ? null : MemoryEstimate.Of(_generatorSpec, ProfileOf(precision, device), weights);

    private static KernelProfile ProfileOf(TitokPrecision precision, TitokDevice? device) =>
        device?.ProfileFor(precision, progress: null, CancellationToken.None) ?? MemoryEstimate.Portable(precision);

    private static TitokModelInfo Read(ModelFolder folder) => new(folder, folder.Tokenizer, folder.Generator);
}
