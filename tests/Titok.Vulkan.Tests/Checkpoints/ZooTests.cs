using Titok.Vulkan.Checkpoints;

namespace Titok.Vulkan.Tests.Checkpoints;

/// <summary>Every published checkpoint, by name and shape: no tensor missing, none unexplained.</summary>
public class ZooTests
{
    public static TheoryData<string> Listings => [.. TestFiles.ZooFiles.Select(path => Path.GetFileNameWithoutExtension(path))];

    [Fact]
    public void TwelveCheckpointsAreListed() => Assert.Equal(12, TestFiles.ZooFiles.Count());

    [Theory]
    [MemberData(nameof(Listings))]
    public void ListingLoads(string name)
    {
        (Checkpoint checkpoint, TitokConfig config, long parameters) = TestFiles.OpenZooOf(name);
        ExpectedTensor[] expected = name.StartsWith("tokenizer", StringComparison.Ordinal)
            ? [.. TokenizerSpec.Infer(checkpoint, config.Tokenizer!).ExpectedTensors()]
            : [.. GeneratorSpec.Infer(checkpoint, config.Generator!).ExpectedTensors()];
        Assert.Equal(checkpoint.Tensors.Keys.Order(), expected.Select(tensor => tensor.Name).Order());
        Assert.Equal(parameters, expected.Sum(tensor => TensorShape.ElementCount(tensor.Shape)));
    }

    /// <summary>As the models' cards count them: with a U-ViT's middle one.</summary>
    [Theory]
    [InlineData("l32", 24)]
    [InlineData("b64", 24)]
    [InlineData("s128", 21)]
    public void AGeneratorsBlocksAreCounted(string name, int blocks)
    {
        (Checkpoint checkpoint, TitokConfig config, _) = TestFiles.OpenZooOf("generator_titok_" + name);
        Assert.Equal(blocks, GeneratorSpec.Infer(checkpoint, config.Generator!).Blocks);
    }

    [Theory]
    [InlineData("l32", "l32")]
    [InlineData("b64", "b64")]
    [InlineData("s128", "s128")]
    public void PublishedPairsFit(string tokenizer, string generator)
    {
        (Checkpoint tokenizerFile, TitokConfig tokenizerConfig, _) = TestFiles.OpenZooOf("tokenizer_titok_" + tokenizer);
        (Checkpoint generatorFile, TitokConfig generatorConfig, _) = TestFiles.OpenZooOf("generator_titok_" + generator);
        TokenizerSpec tokens = TokenizerSpec.Infer(tokenizerFile, tokenizerConfig.Tokenizer!);
        GeneratorSpec generates = GeneratorSpec.Infer(generatorFile, generatorConfig.Generator!);
        Assert.Null(Record.Exception(() => ModelPairing.Check(tokens, tokenizerFile.File, generates, generatorFile.File)));
        Assert.Equal((tokens.LatentTokens, tokens.CodebookSize), (generates.LatentTokens, generates.CodebookSize));
    }

    [Theory]
    [InlineData("l32", "b64", "64 tokens of 4096 codes")]
    [InlineData("bl64_vq8k", "b64", "64 of 8192")]
    [InlineData("bl64_vae_c16", "b64", "is a VAE")]
    public void OtherPairsAreRefused(string tokenizer, string generator, string reason)
    {
        (Checkpoint tokenizerFile, TitokConfig tokenizerConfig, _) = TestFiles.OpenZooOf("tokenizer_titok_" + tokenizer);
        (Checkpoint generatorFile, TitokConfig generatorConfig, _) = TestFiles.OpenZooOf("generator_titok_" + generator);
        TokenizerSpec tokenizerSpec = TokenizerSpec.Infer(tokenizerFile, tokenizerConfig.Tokenizer!);
        GeneratorSpec generatorSpec = GeneratorSpec.Infer(generatorFile, generatorConfig.Generator!);
        ModelFormatException error = Assert.Throws<ModelFormatException>(() =>
            ModelPairing.Check(tokenizerSpec, tokenizerFile.File, generatorSpec, generatorFile.File));
        Assert.Contains(reason, error.Message);
        Assert.Contains(tokenizerFile.File, error.Message);
        Assert.Contains(generatorFile.File, error.Message);
    }
}
