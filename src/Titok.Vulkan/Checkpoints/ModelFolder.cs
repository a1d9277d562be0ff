using System.Collections.Immutable;

namespace Titok.Vulkan.Checkpoints;

/// <summary>
/// A model on disk, found from one path: a folder with <c>tokenizer/</c> and <c>generator/</c> in it, a folder as the
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

    private ModelFolder(string path, string root, bool hasPartFolders, ModelPart? tokenizer, ModelPart? generator)
    {
        Path = path;
        HasPartFolders = hasPartFolders;
        Tokenizer = tokenizer;
        Generator = generator;
        ClassesFilePath = System.IO.Path.Combine(root, ClassesName);
        Classes = File.Exists(ClassesFilePath) ? ClassesFile.Open(ClassesFilePath) : [];
        string presets = System.IO.Path.Combine(root, PresetsName);
        Presets = File.Exists(presets) ? PresetsFile.Open(presets) : ImmutableDictionary<string, GenerationSettings>.Empty;
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

    /// <summary>Decoding settings by name; empty where there are none.</summary>
    public IReadOnlyDictionary<string, GenerationSettings> Presets { get; }

    public static ModelFolder Open(string path)
    {
        if (File.Exists(path))
            return OpenSingle(path, path, System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!);
        if (!Directory.Exists(path))
            throw new ModelFormatException(path, "there is no such file or folder");

        string tokenizer = System.IO.Path.Combine(path, TokenizerName), generator = System.IO.Path.Combine(path, GeneratorName);
        if (Directory.Exists(tokenizer) || Directory.Exists(generator))
        {
            return new ModelFolder(
                path,
                path,
                true,
                Directory.Exists(tokenizer) ? OpenPart(FindWeights(tokenizer), tokenizer) : null,
                Directory.Exists(generator) ? OpenPart(FindWeights(generator), generator) : null);
        }

        return OpenSingle(path, FindWeights(path), path);
    }

    public ModelPart RequireTokenizer() => Tokenizer ?? throw new ModelFormatException(Path, "has no tokenizer, which this needs");

    public ModelPart RequireGenerator() => Generator ?? throw new ModelFormatException(Path, "has no generator, which this needs");

    private static ModelFolder OpenSingle(string path, string weights, string folder)
    {
        ModelPartKind? kind;
        using (Checkpoint checkpoint = Checkpoint.Open(weights))
            kind = ModelPart.Classify(checkpoint);
        if (kind is null)
            throw new ModelFormatException(weights, "holds neither a TiTok tokenizer (no tensor 'latent_tokens') nor a generator (no 'lm_head.weight')");
        ModelPart part = OpenPart(weights, folder);
        return new ModelFolder(
            path, folder, false, kind == ModelPartKind.Tokenizer ? part : null, kind == ModelPartKind.Generator ? part : null);
    }

    private static ModelPart OpenPart(string weights, string folder)
    {
        string config = System.IO.Path.Combine(folder, ConfigName);
        if (!File.Exists(config))
            throw new ModelFormatException(config, $"there is no such file, expected one beside {System.IO.Path.GetFileName(weights)}");
        return new ModelPart(weights, TitokConfig.Open(config));
    }

    private static string FindWeights(string folder)
    {
        foreach (string name in (ReadOnlySpan<string>)[WeightsName, PyTorchName])
        {
            string path = System.IO.Path.Combine(folder, name);
            if (File.Exists(path))
                return path;
        }

        throw new ModelFormatException(folder, $"expected {WeightsName} or {PyTorchName} in it, or {TokenizerName}/ and {GeneratorName}/ folders that have one");
    }
}
