using Titok.Vulkan.Checkpoints;

namespace Titok.Vulkan.Tests.Checkpoints;

public class ModelFolderTests
{
    private static readonly string _tokenizer = TestFiles.Golden("tokenizer_legacy");
    private static readonly string _generator = TestFiles.Golden("generator_vit");

    [Fact]
    public void FolderOfBothPartsOpens()
    {
        using TemporaryFolder folder = BothParts();
        File.WriteAllText(folder["classes.txt"], string.Join('\n', Enumerable.Range(0, 10)));
        File.WriteAllText(folder["presets.json"], """{"fast": {"steps": 4, "guidance": 3, "guidance_decay": "linear", "temperature": 5, "anneal": true}}""");
        ModelFolder model = ModelFolder.Open(folder.Root);
        Assert.True(model.HasPartFolders);
        Assert.Equal(10, model.Classes.Length);
        Assert.Equal(4, model.Presets["fast"].Steps);
        (Checkpoint tokenizer, TokenizerSpec tokenizerSpec) = model.RequireTokenizer().OpenTokenizer();
        using (tokenizer)
        {
            (Checkpoint generator, GeneratorSpec generatorSpec) = model.RequireGenerator().OpenGenerator();
            using (generator)
                ModelPairing.Check(tokenizerSpec, tokenizer.File, generatorSpec, generator.File);
        }
    }

    [Fact]
    public void HuggingFaceFolderIsEitherPart()
    {
        ModelFolder tokenizer = ModelFolder.Open(_tokenizer);
        Assert.NotNull(tokenizer.Tokenizer);
        Assert.Null(tokenizer.Generator);
        Assert.Empty(tokenizer.Classes);
        Assert.Empty(tokenizer.Presets);
        ModelFolder generator = ModelFolder.Open(_generator);
        Assert.Null(generator.Tokenizer);
        Assert.EndsWith("model.safetensors", generator.RequireGenerator().WeightsFile);
        Assert.Contains("has no tokenizer", Assert.Throws<ModelFormatException>(generator.RequireTokenizer).Message);
    }

    [Fact]
    public void PyTorchFolderAndFileOpen()
    {
        using var folder = new TemporaryFolder();
        string weights = folder.Copy(Path.Combine(_generator, "pytorch_model.bin"), "pytorch_model.bin");
        folder.Copy(Path.Combine(_generator, "config.json"), "config.json");
        foreach (string path in (string[])[folder.Root, weights])
        {
            (Checkpoint checkpoint, GeneratorSpec spec) = ModelFolder.Open(path).RequireGenerator().OpenGenerator();
            using (checkpoint)
                Assert.Equal(GeneratorKind.Bert, spec.Kind);
        }
    }

    [Fact]
    public void WhatIsMissingIsNamed()
    {
        using var folder = new TemporaryFolder();
        Refuses(folder["nowhere"], folder["nowhere"], "no such file or folder");
        Refuses(folder.Root, folder.Root, "expected model.safetensors or pytorch_model.bin");
        string weights = folder.Copy(Path.Combine(_tokenizer, "model.safetensors"), "model.safetensors");
        Refuses(folder.Root, folder["config.json"], "expected one beside model.safetensors");
        Refuses(weights, folder["config.json"], "expected one beside model.safetensors");
        folder.Copy(TestFiles.Golden("tokenizer_legacy", "golden.safetensors"), "golden", "model.safetensors");
        Refuses(folder["golden"], folder["golden", "model.safetensors"], "neither a TiTok tokenizer");
        File.WriteAllBytes(folder["empty.safetensors"], []);
        Refuses(folder["empty.safetensors"], folder["empty.safetensors"], "the file is empty");
        Assert.Contains("this is a folder", Assert.Throws<ModelFormatException>(() => Checkpoint.Open(folder.Root)).Message);
        Assert.Contains("no such file", Assert.Throws<ModelFormatException>(() => Checkpoint.Open(folder["absent.bin"])).Message);
        Assert.Contains("no such file", Assert.Throws<ModelFormatException>(() => TitokConfig.Open(DiskFiles.Instance, folder["absent.json"])).Message);
    }

    [Fact]
    public void EnormousSmallFileIsRefusedBeforeItIsRead()
    {
        using var folder = new TemporaryFolder();
        using (FileStream file = File.Create(folder["config.json"]))
            file.SetLength(1L << 34);
        Assert.Contains("is 17179869184 bytes long, expected at most 1048576", Assert.Throws<ModelFormatException>(() => TitokConfig.Open(DiskFiles.Instance, folder["config.json"])).Message);
        Assert.Contains("expected at most", Assert.Throws<ModelFormatException>(() => PresetsFile.Open(DiskFiles.Instance, folder["config.json"])).Message);
        Assert.Contains("expected at most", Assert.Throws<ModelFormatException>(() => ClassesFile.Open(DiskFiles.Instance, folder["config.json"])).Message);
        Assert.Contains("neither", Assert.Throws<ModelFormatException>(() => Checkpoint.Open(folder["config.json"])).Message);
    }

    [Fact]
    public void PartsInEachOthersPlaceAreRefused()
    {
        using var folder = new TemporaryFolder();
        folder.Copy(Path.Combine(_generator, "model.safetensors"), "tokenizer", "model.safetensors");
        folder.Copy(Path.Combine(_tokenizer, "config.json"), "tokenizer", "config.json");
        ModelPart part = ModelFolder.Open(folder.Root).RequireTokenizer();
        Assert.Contains("holds a generator, expected a tokenizer", Assert.Throws<ModelFormatException>(() => part.OpenTokenizer()).Message);
        Assert.Contains("'model.generator' is missing", Assert.Throws<ModelFormatException>(() => part.OpenGenerator()).Message);
    }

    private static TemporaryFolder BothParts()
    {
        var folder = new TemporaryFolder();
        foreach ((string source, string part) in (ReadOnlySpan<(string, string)>)[(_tokenizer, "tokenizer"), (_generator, "generator")])
        {
            folder.Copy(Path.Combine(source, "model.safetensors"), part, "model.safetensors");
            folder.Copy(Path.Combine(source, "config.json"), part, "config.json");
        }

        return folder;
    }

    private static void Refuses(string path, string file, string reason)
    {
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => ModelFolder.Open(path));
        Assert.Equal(file, error.File);
        Assert.Contains(reason, error.Message);
    }

    /// <summary>A folder may have settings of its own under the names that every model has.</summary>
    [Fact]
    public void AFoldersOwnSettingsAreTheDefault()
    {
        GenerationSettings own = GenerationSettings.Demo with { Steps = 5 };
        Assert.Equal(own, PresetNames.Default(PresetNames.Merge(null, new Dictionary<string, GenerationSettings> { ["demo"] = own })));
        Assert.Equal(GenerationSettings.Demo, PresetNames.Default(PresetNames.Merge(null, new Dictionary<string, GenerationSettings>())));
        Assert.Equal(own, PresetNames.Default(PresetNames.Merge(own, new Dictionary<string, GenerationSettings>())));
    }
}
