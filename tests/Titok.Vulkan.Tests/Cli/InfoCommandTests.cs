using System.Diagnostics;
using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Engine;
using Titok.Vulkan.Tests.Checkpoints;

namespace Titok.Vulkan.Tests.Cli;

/// <summary><c>info</c>, and what of it is known of the published models from their listings.</summary>
public sealed class InfoCommandTests(CliModel model) : IClassFixture<CliModel>
{
    private static readonly Dictionary<string, string?> s_noDriver = new() { ["VK_ICD_FILENAMES"] = "/nowhere.json", ["VK_DRIVER_FILES"] = "/nowhere.json" };

    public static TheoryData<string> Listings => [.. TestFiles.ZooFiles.Select(f => Path.GetFileName(f))];

    [Fact]
    public void AModelIsDescribedWithoutADevice()
    {
        TitokRun run = TitokProcess.Run(s_noDriver, "info", "--model", model.Folder);
        run.AssertDone();
        string[] lines = run.Output.Split('\n');
        Assert.Contains(lines, l => l.Contains("64×64 pixels as 8 tokens of 256 codes", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.Contains("3,594,895 parameters in fp16", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.Contains("encoder", StringComparison.Ordinal) && l.Contains("2 × 128 (layers × channels)", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.Contains("8 tokens of 256 codes for 10 classes, tench, Tinca tinca to ostrich", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.Contains("8 steps, guidance 4.5 linear, temperature 9.5, annealing (default)", StringComparison.Ordinal));
        Assert.Equal(2, lines.Count(l => l.Contains(", int8 weights", StringComparison.Ordinal)));
        Assert.Equal(6, lines.Count(l => l.Contains("memory fp", StringComparison.Ordinal) && l.Contains(" of weights and ", StringComparison.Ordinal)));
        Assert.All(lines, l => Assert.Equal(l.TrimEnd(), l));
    }

    /// <summary>Who opened one would wait for a writer that never comes.</summary>
    [Fact]
    public void APipeIsNoModel()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("pipes are told from files on Linux only");
        string folder = model.Out("piped"), pipe = Path.Combine(folder, "model.safetensors");
        Directory.CreateDirectory(folder);
        File.Copy(TestFiles.Golden("generator_vit", "config.json"), Path.Combine(folder, "config.json"));
        using (Process process = Process.Start("mkfifo", pipe))
            process.WaitForExit();
        foreach (string named in new[] { folder, pipe })
            TitokProcess.Run(s_noDriver, "info", "--model", named).AssertFailed(1, $"{pipe}: is a pipe or a device, expected a file");
    }

    /// <summary>The Hub's cache holds files by their hashes, and links to them by their names.</summary>
    [Fact]
    public void ALinkedFileHasTheSizeOfWhatItLeadsTo()
    {
        SymbolicLinks.Require();
        string folder = model.Out("linked"), golden = TestFiles.Golden("generator_vit");
        Directory.CreateDirectory(folder);
        foreach (string file in new[] { "config.json", "model.safetensors" })
            File.CreateSymbolicLink(Path.Combine(folder, file), Path.GetFullPath(Path.Combine(golden, file)));
        TitokRun linked = TitokProcess.Run(s_noDriver, "info", "--generator", folder), plain = TitokProcess.Run(s_noDriver, "info", "--generator", golden);
        linked.AssertDone();
        Assert.Equal(plain.Output.Replace(golden, folder, StringComparison.Ordinal), linked.Output);
    }

    [Fact]
    public void OnePartIsDescribedAlone()
    {
        TitokRun vae = TitokProcess.Run(s_noDriver, "info", "--tokenizer", CliModel.Vae);
        vae.AssertDone();
        Assert.StartsWith("tokenizer  VAE", vae.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("generator", vae.Output.Replace(CliModel.Vae, "", StringComparison.Ordinal), StringComparison.Ordinal);
        TitokRun generator = TitokProcess.Run(s_noDriver, "info", "--model", TestFiles.Golden("generator_uvit"));
        generator.AssertDone();
        Assert.StartsWith("generator  U-ViT", generator.Output, StringComparison.Ordinal);
    }

    /// <summary>The listing's file name is the model's, so that the name told can be held against it.</summary>
    [Theory]
    [MemberData(nameof(Listings))]
    public void EveryPublishedModelIsCalledByItsName(string file)
    {
        (Checkpoint checkpoint, TitokConfig config, long parameters) = TestFiles.OpenZoo(TestFiles.ZooFiles.Single(f => Path.GetFileName(f) == file));
        bool isTokenizer = file.StartsWith("tokenizer", StringComparison.Ordinal);
        TokenizerSpec? tokenizer = isTokenizer ? TokenizerSpec.Infer(checkpoint, config.Tokenizer!) : null;
        GeneratorSpec? generator = isTokenizer ? null : GeneratorSpec.Infer(checkpoint, config.Generator!);
        string name = (tokenizer is not null ? PublishedNames.NameOf(tokenizer) : PublishedNames.NameOf(generator!))!;
        string letters = string.Concat(name["TiTok-".Length..].Where(char.IsLetterOrDigit)).ToLowerInvariant();
        Assert.Equal(file.Split("titok_")[1].Split('.')[0].Replace("_", "", StringComparison.Ordinal).Replace("vq8k", "vq", StringComparison.Ordinal).Replace("c16", "", StringComparison.Ordinal), letters);

        TitokMemoryNeed full = Memory(TitokPrecision.Fp32), half = Memory(TitokPrecision.Fp16);
        // Every parameter once, but for what a network has and does not use (the pixel encoder's, say), and padding.
        Assert.InRange(full.WeightsInBytes / 4.0 / parameters, 0.85, 1.05);
        Assert.InRange(half.WeightsInBytes / (double)full.WeightsInBytes, 0.5, 0.52);
        Assert.InRange(half.WorkInBytes, 1, full.WorkInBytes);

        if (generator is not null)
        {
            TitokMemoryNeed rounded = MemoryEstimate.Of(generator, MemoryEstimate.Portable(TitokPrecision.Fp32), TitokGeneratorWeights.Int8);
            // A quarter, but for embeddings and the head, which stay, and a scale for each output feature.
            Assert.InRange(rounded.WeightsInBytes / (double)full.WeightsInBytes, 0.25, 0.35);
            Assert.Equal(full.WorkInBytes, rounded.WorkInBytes);
        }

        TitokMemoryNeed Memory(TitokPrecision precision) => tokenizer is not null ? MemoryEstimate.Of(tokenizer, MemoryEstimate.Portable(precision)) : MemoryEstimate.Of(generator!, MemoryEstimate.Portable(precision));
    }

    [Fact]
    public void HelpOfEveryCommandNamesItsOptions()
    {
        foreach (string command in new[] { "devices", "doctor", "info", "generate", "encode", "decode", "reconstruct", "convert", "bench" })
        {
            TitokRun run = TitokProcess.Run(command, "--help");
            run.AssertDone();
            Assert.Contains($"titok {command}", run.Output, StringComparison.Ordinal);
        }
        Assert.Contains("at most 100 million pixels", TitokProcess.Run("encode", "--help").Output, StringComparison.Ordinal);
        Assert.Contains("--guidance-decay", TitokProcess.Run("generate", "--help").Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TitokGeneratorWeights.Auto)]
    [InlineData(TitokGeneratorWeights.Int8)]
    public void TheEstimateIsWhatLoadingTakes(TitokGeneratorWeights weights)
    {
        TitokModelInfo info = TitokModelInfo.Read(model.Folder);
        using TitokDevice device = TitokDevice.Create();
        long before = device.MemoryInUseInBytes;
        using TitokGenerator generator = TitokGenerator.Load(device, model.Folder, TestLoad.Fp32 with { GeneratorWeights = weights });
        long taken = device.MemoryInUseInBytes - before;
        Assert.InRange(taken / (double)info.GeneratorMemory(TitokPrecision.Fp32, weights)!.WeightsInBytes, 0.95, 1.1);
    }

    /// <summary>With pictures that go to memory, which is the most that they take.</summary>
    [Fact]
    public void TheEstimateIsWhatAPictureTakesAtMost()
    {
        TitokModelInfo info = TitokModelInfo.Read(model.Folder);
        using TitokDevice device = TitokDevice.Create();
        using TitokPipeline pipeline = TitokPipeline.Load(device, model.Folder, TestLoad.Fp32);
        long before = device.MemoryInUseInBytes;
        using TitokGenerationJob job = pipeline.Begin(new GenerationRequest { Classes = [1], Settings = GenerationSettings.Demo });
        job.SetOutput(new TitokMemoryOutput { Format = TitokPixelFormat.PlanarFloat32 }, previewSteps: true);
        using TitokTokenizerJob encoding = pipeline.Tokenizer.BeginEncode(new float[3 * info.Tokenizer!.ImageSize * info.Tokenizer.ImageSize], 1);
        long taken = device.MemoryInUseInBytes - before;
        long expected = info.TokenizerMemory(TitokPrecision.Fp32, device)!.WorkInBytes + info.GeneratorMemory(TitokPrecision.Fp32, device: device)!.WorkInBytes;
        Assert.InRange(taken / (double)expected, 0.5, 1);
    }
}
