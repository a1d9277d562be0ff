using System.Collections.Immutable;

namespace Titok.Vulkan.Checkpoints;

/// <summary>
/// A model's files, found from one path: a folder with <c>tokenizer/</c> and <c>generator/</c> in it, a folder as the
/// Hugging Face hub lays it out, or a weights file with its <c>config.json</c> beside it.
/// </summary>
internal sealed class ModelFolder
{
    public const string ConfigName = "config.json";
    public const string ClassesName = "classes.txt";
    public const string PresetsName = "presets.json";
    public const string TokenizerName = "tokenizer";
    public const string GeneratorName = "generator";
    public const string WeightsName = "model.safetensors";

    private const string PyTorchName = "pytorch_model.bin";

    private ModelFolder(IModelFiles files, string path, string root, bool hasPartFolders, ModelPart? tokenizer, ModelPart? generator)
    {
        Path = path;
        HasPartFolders = hasPartFolders;
        Tokenizer = tokenizer;
        Generator = generator;
        ClassesFilePath = files.Join(root, ClassesName);
        Classes = files.HasFile(ClassesFilePath) ? ClassesFile.Open(files, ClassesFilePath) : [];
        string presets = files.Join(root, PresetsName);
        Presets = files.HasFile(presets) ? PresetsFile.Open(files, presets) : ImmutableDictionary<string, GenerationSettings>.Empty;
    }

    /// <summary>The path as it was given.</summary>
    public string Path { get; }

    /// <summary>Whether the parts have folders of their own, so that there may be two.</summary>
    public bool HasPartFolders { get; }

    public ModelPart? Tokenizer { get; }

    public ModelPart? Generator { get; }

    /// <summary>Labels by class number; empty where there are none.</summary>
    public ImmutableArray<string> Classes { get; }

    /// <summary>Where <see cref="Classes"/> are, or would be.</summary>
    public string ClassesFilePath { get; }

    /// <summary>Sampling settings by name; empty where there are none.</summary>
    public IReadOnlyDictionary<string, GenerationSettings> Presets { get; }

    /// <summary>Finds what is at a path on disk.</summary>
    public static ModelFolder Open(string path) => Open(DiskFiles.Instance, path);

    /// <summary>Finds what is at a path among some files.</summary>
    public static ModelFolder Open(IModelFiles files, string path)
    {
        if (files.HasFile(path))
            return OpenSingle(files, path, path, files.FolderOf(path));
        if (!files.HasFolder(path))
            throw new ModelFormatException(Named(path), "there is no such file or folder");

        string tokenizer = files.Join(path, TokenizerName), generator = files.Join(path, GeneratorName);
        if (files.HasFolder(tokenizer) || files.HasFolder(generator))
        {
            return new ModelFolder(
                files,
                path,
                path,
                true,
                files.HasFolder(tokenizer) ? OpenPart(files, FindWeights(files, tokenizer), tokenizer) : null,
                files.HasFolder(generator) ? OpenPart(files, FindWeights(files, generator), generator) : null);
        }

        return OpenSingle(files, path, FindWeights(files, path), path);
    }

    public ModelPart RequireTokenizer() => Tokenizer ?? throw new ModelFormatException(Named(Path), "has no tokenizer, which this needs");

    public ModelPart RequireGenerator() => Generator ?? throw new ModelFormatException(Named(Path), "has no generator, which this needs");

    /// <summary>What to call a path in errors: that of all files in memory is empty.</summary>
    private static string Named(string path) => path.Length == 0 ? "the model in memory" : path;

    private static ModelFolder OpenSingle(IModelFiles files, string path, string weights, string folder)
    {
        ModelPartKind? kind;
        using (Checkpoint checkpoint = Checkpoint.Open(files, weights))
            kind = ModelPart.Classify(checkpoint);
        if (kind is null)
            throw new ModelFormatException(weights, "holds neither a TiTok tokenizer (no tensor 'latent_tokens') nor a generator (no 'lm_head.weight')");
        ModelPart part = OpenPart(files, weights, folder);
        return new ModelFolder(
            files, path, folder, false, kind == ModelPartKind.Tokenizer ? part : null, kind == ModelPartKind.Generator ? part : null);
    }

    private static ModelPart OpenPart(IModelFiles files, string weights, string folder)
    {
        string config = files.Join(folder, ConfigName);
        if (!files.HasFile(config))
            throw new ModelFormatException(config, $"there is no such file, expected one beside {System.IO.Path.GetFileName(weights)}");
        return new ModelPart(files, weights, TitokConfig.Open(files, config));
    }

    private static string FindWeights(IModelFiles files, string folder)
    {
        foreach (string name in (ReadOnlySpan<string>)[WeightsName, PyTorchName])
        {
            string path = files.Join(folder, name);
            if (files.HasFile(path))
                return path;
        }

        throw new ModelFormatException(Named(folder), $"expected {WeightsName} or {PyTorchName} in it, or {TokenizerName}/ and {GeneratorName}/ folders that have one");
    }
}
