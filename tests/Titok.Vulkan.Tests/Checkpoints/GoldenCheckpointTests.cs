using Titok.Vulkan.Checkpoints;

namespace Titok.Vulkan.Tests.Checkpoints;

public class GoldenCheckpointTests
{
    [Theory]
    [InlineData("tokenizer_legacy", TokenizerKind.VqPixelDecoder, 256, 12, true, true)]
    [InlineData("tokenizer_vq", TokenizerKind.VqDirect, 256, 16, false, false)]
    [InlineData("tokenizer_vae", TokenizerKind.Vae, 0, 16, false, false)]
    internal void TokenizerGoldensLoad(string name, TokenizerKind kind, int codebookSize, int tokenSize, bool l2Norm, bool legacy)
    {
        using Checkpoint checkpoint = Checkpoint.Open(TestFiles.Golden(name, "model.safetensors"));
        TitokConfig config = TitokConfig.Open(DiskFiles.Instance, TestFiles.Golden(name, "config.json"));
        TokenizerSpec spec = TokenizerSpec.Infer(checkpoint, config.Tokenizer!);
        Assert.Equal(kind, spec.Kind);
        Assert.Equal((64, 16, 8), (spec.ImageSize, spec.Patches, spec.LatentTokens));
        Assert.Equal((codebookSize, tokenSize, l2Norm, legacy), (spec.CodebookSize, spec.TokenSize, spec.UseL2Norm, spec.IsLegacy));
        Assert.Equal(new TransformerSize(128, 2, 2, 512), spec.Encoder);
        Assert.Equal(new TransformerSize(128, 2, 2, 512), spec.Decoder);
        Assert.Equal(kind == TokenizerKind.VqPixelDecoder, spec.PixelDecoder is not null);
        if (spec.PixelDecoder is { } pixelDecoder)
        {
            Assert.Equal((256, 1024, 256, 128, 2, 32), (pixelDecoder.HeadWidth, pixelDecoder.Codes, pixelDecoder.CodeWidth,
                pixelDecoder.MidChannels, pixelDecoder.MidBlocks, pixelDecoder.Groups));
            Assert.Equal(
                [new(4, 128, 128, 2, true), new(3, 128, 64, 2, true), new(2, 64, 64, 2, true), new(1, 64, 32, 2, true), new(0, 32, 32, 2, false)],
                pixelDecoder.Stages);
        }
    }

    [Theory]
    [InlineData("generator_vit", GeneratorKind.Bert, 96, 2, 384)]
    [InlineData("generator_uvit", GeneratorKind.UViT, 128, 4, 512)]
    internal void GeneratorGoldensLoad(string name, GeneratorKind kind, int hidden, int layers, int intermediate)
    {
        using Checkpoint checkpoint = Checkpoint.Open(TestFiles.Golden(name, "model.safetensors"));
        TitokConfig config = TitokConfig.Open(DiskFiles.Instance, TestFiles.Golden(name, "config.json"));
        GeneratorSpec spec = GeneratorSpec.Infer(checkpoint, config.Generator!);
        Assert.Equal((kind, hidden, layers, intermediate, 2), (spec.Kind, spec.Hidden, spec.Layers, spec.Intermediate, spec.Heads));
        Assert.Equal((8, 256, 10), (spec.LatentTokens, spec.CodebookSize, spec.Classes));
        Assert.Equal((256, 267, 268), (spec.MaskId, spec.DroppedClassId, spec.VocabularySize));
        Assert.Equal(new GenerationSettings(8, 4.5f, GuidanceDecay.Linear, 3, 9.5f, true), config.Generator!.Preset);
    }

    [Fact]
    public void PyTorchFileHoldsTheSafetensorsValues()
    {
        using Checkpoint halves = Checkpoint.Open(TestFiles.Golden("generator_vit", "model.safetensors"));
        using Checkpoint floats = Checkpoint.Open(TestFiles.Golden("generator_vit", "pytorch_model.bin"));
        Assert.Equal(halves.Tensors.Keys.Order(), floats.Tensors.Keys.Order());
        Assert.All(floats.Tensors.Values, tensor => Assert.Equal(TensorType.F32, tensor.Type));
        foreach (string name in floats.Tensors.Keys)
        {
            Assert.Equal(halves.Tensors[name].Shape.AsEnumerable(), floats.Tensors[name].Shape.AsEnumerable());
            Assert.Equal(halves.ReadFloats(name), floats.ReadFloats(name));
        }

        GeneratorConfig config = TitokConfig.Open(DiskFiles.Instance, TestFiles.Golden("generator_vit", "config.json")).Generator!;
        Assert.Equal(GeneratorSpec.Infer(halves, config), GeneratorSpec.Infer(floats, config));
    }

    [Fact]
    public void ReleasedTensorsCanBeReadAgain()
    {
        using Checkpoint checkpoint = Checkpoint.Open(TestFiles.Golden("tokenizer_vq", "model.safetensors"));
        float[] before = checkpoint.ReadFloats("quantize.embedding.weight");
        Assert.Contains(before, value => value != 0);
        foreach (string name in checkpoint.Tensors.Keys)
            checkpoint.Release(name);
        Assert.Equal(before, checkpoint.ReadFloats("quantize.embedding.weight"));
    }

    [Fact]
    public void DisposedCheckpointRefusesToBeRead()
    {
        Checkpoint checkpoint = Checkpoint.Open(TestFiles.Golden("tokenizer_vq", "model.safetensors"));
        checkpoint.Dispose();
        checkpoint.Dispose();
        Assert.Throws<ObjectDisposedException>(() => checkpoint.ReadFloats("latent_tokens"));
    }
}
