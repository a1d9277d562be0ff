using Titok.Vulkan.Checkpoints;

namespace Titok.Vulkan.Tests.Checkpoints;

/// <summary>Published listings, changed in one place: refused with the file, the tensor, what was expected and what was found.</summary>
public class ContradictionTests
{
    [Theory]
    [InlineData("latent_tokens", "tensor 'latent_tokens' is missing, expected 2 dimensions")]
    [InlineData("encoder.transformer.7.mlp.c_fc.bias", "tensor 'encoder.transformer.7.mlp.c_fc.bias' is missing, expected [4096]")]
    [InlineData("encoder.transformer.7.ln_1.weight", "1024 channels (7 layers found)")]
    [InlineData("decoder.transformer.0.ln_1.weight", "tensor 'decoder.transformer.0.ln_1.weight' is missing, expected at least one layer")]
    [InlineData("quantize.embedding.weight", "which means a VAE, but config.json expects quantize_mode vq")]
    [InlineData("pixel_decoder.conv_in.weight", "which means no pixel decoder, but config.json expects finetune_decoder true")]
    [InlineData("pixel_decoder.up.3.block.0.nin_shortcut.weight", "is missing, expected [256, 256, 1, 1]")]
    [InlineData("pixel_decoder.up.4.block.0.conv1.weight", "belongs to the last of 5 stages, but 4 were found")]
    [InlineData("pixel_decoder.mid.0.conv1.weight", "is not part of this network")]
    public void MissingTokenizerTensorIsRefused(string tensor, string reason) =>
        RefusesTokenizer("l32", tensors => tensors.RemoveAll(candidate => candidate.Name == tensor), config => config, reason);

    [Theory]
    [InlineData("latent_tokens", new[] { 64, 1024 }, "tensor 'latent_tokens' is [64, 1024], which means latent tokens 64, but config.json expects num_latent_tokens 32")]
    [InlineData("encoder.positional_embedding", new[] { 256, 1024 }, "has 255 positions behind the class")]
    [InlineData("encoder.positional_embedding", new[] { 0, 1024 }, "none of them 0")]
    [InlineData("encoder.positional_embedding", new[] { 65, 1024 }, "which means picture size 128, but config.json expects crop_size 256")]
    [InlineData("encoder.positional_embedding", new[] { 257, 1000 }, "is 1000 wide, expected a multiple of 64")]
    [InlineData("encoder.patch_embed.weight", new[] { 1024, 3, 8, 8 }, "which means patch size 8, but config.json expects vit_enc_patch_size 16")]
    [InlineData("encoder.conv_out.weight", new[] { 24, 1024, 1, 1 }, "tensor 'encoder.conv_out.weight' is [24, 1024, 1, 1], expected [12, 1024, 1, 1]")]
    [InlineData("decoder.decoder_embed.weight", new[] { 1024, 16 }, "which means token size 16, but config.json expects token_size 12")]
    [InlineData("quantize.embedding.weight", new[] { 8192, 12 }, "which means codebook size 8192, but config.json expects codebook_size 4096")]
    [InlineData("pixel_decoder.conv_in.weight", new[] { 500, 256, 3, 3 }, "has 500 output channels, expected a multiple of 32")]
    [InlineData("latent_tokens", new[] { 32 }, "tensor 'latent_tokens' is [32], expected 2 dimensions")]
    public void MisshapenTokenizerTensorIsRefused(string tensor, int[] shape, string reason) => RefusesTokenizer(
        "l32", tensors => Reshape(tensors, tensor, shape), config => config, reason);

    [Fact]
    public void UnexplainedTensorIsRefused() => RefusesTokenizer(
        "bl64_vae_c16", tensors => tensors.Add(new TensorInfo("encoder.extra", TensorType.F32, [1])), config => config, "tensor 'encoder.extra' is not part of this network");

    [Fact]
    public void ConfigThatContradictsTheTensorsIsRefused()
    {
        RefusesTokenizer("l32", _ => { }, config => config with { DecoderSize = "small" }, "vit_dec_model_size small (512 channels, 8 layers)");
        RefusesTokenizer("l32", _ => { }, config => config with { Mode = QuantizeMode.Vae }, "expects quantize_mode vae");
        RefusesTokenizer("l32", _ => { }, config => config with { FinetuneDecoder = false }, "expects finetune_decoder false");
        RefusesTokenizer("l32", _ => { }, config => config with { UseL2Norm = null }, "'model.vq_model.use_l2_norm' is missing", fileIsConfig: true);
    }

    [Fact]
    public void UnknownSizeNameIsFine()
    {
        (Checkpoint checkpoint, TitokConfig config, _) = TestFiles.OpenZooOf("tokenizer_titok_l32");
        TokenizerConfig tiny = config.Tokenizer! with { EncoderSize = "tiny", DecoderSize = null };
        Assert.Equal(new TransformerSize(1024, 24, 16, 4096), TokenizerSpec.Infer(checkpoint, tiny).Encoder);
    }

    [Theory]
    [InlineData("l32", "model.embeddings.word_embeddings.weight", new[] { 4097, 768 }, "has 4097 rows, expected 4096 tokens")]
    [InlineData("l32", "model.embeddings.word_embeddings.weight", new[] { 5099, 768 }, "which means classes 1001, but config.json expects condition_num_classes 1000")]
    [InlineData("l32", "model.embeddings.position_embeddings.weight", new[] { 1, 768 }, "has no position behind the class")]
    [InlineData("l32", "model.embeddings.position_embeddings.weight", new[] { 1026, 768 }, "has positions for 1025 tokens a picture, at most 1024")]
    [InlineData("l32", "model.embeddings.position_embeddings.weight", new[] { 65, 768 }, "which means latent tokens 64, but config.json expects image_seq_len 32")]
    [InlineData("l32", "model.lm_head.weight", new[] { 1024, 768 }, "which means codebook size 1024, but config.json expects codebook_size 4096")]
    [InlineData("s128", "pos_embed", new[] { 129, 1024 }, "tensor 'pos_embed' is [129, 1024], expected 3 dimensions")]
    [InlineData("s128", "out_blocks.9.skip_linear.weight", new[] { 1024, 1024 }, "expected [1024, 2048]")]
    public void MisshapenGeneratorTensorIsRefused(string name, string tensor, int[] shape, string reason) => RefusesGenerator(
        name, tensors => Reshape(tensors, tensor, shape), config => config, reason);

    [Theory]
    [InlineData("l32", "model.encoder.layer.23.attention.self.query.weight", "23, but config.json expects num_hidden_layers 24")]
    [InlineData("l32", "model.embeddings.word_embeddings.weight", "so this is not a generator")]
    [InlineData("s128", "in_blocks.9.norm1.weight", "18, but config.json expects num_hidden_layers 20")]
    [InlineData("s128", "out_blocks.9.norm1.weight", "tensor 'out_blocks.9.norm1.weight' is missing, expected [1024]")]
    public void MissingGeneratorTensorIsRefused(string name, string tensor, string reason) =>
        RefusesGenerator(name, tensors => tensors.RemoveAll(candidate => candidate.Name == tensor), config => config, reason);

    [Fact]
    public void GeneratorConfigThatContradictsTheTensorsIsRefused()
    {
        RefusesGenerator("l32", _ => { }, config => config with { Kind = GeneratorKind.UViT }, "which means a ViT (BERT), but config.json expects model_type UViT");
        RefusesGenerator("l32", _ => { }, config => config with { Heads = 7 }, "'model.generator.num_attention_heads' is 7, expected a divisor of the hidden size 768", fileIsConfig: true);
        RefusesGenerator("l32", _ => { }, config => config with { Heads = 1 }, "at most 128 channels a head", fileIsConfig: true);
        RefusesGenerator("l32", _ => { }, config => config with { Heads = null }, "'model.generator.num_attention_heads' is missing", fileIsConfig: true);
        RefusesGenerator("l32", _ => { }, config => config with { IntermediateSize = 4096 }, "which means intermediate size 3072");
        RefusesGenerator("l32", _ => { }, config => config with { HiddenSize = 1024 }, "which means hidden size 768");
    }

    [Fact]
    public void LabelsOfAnotherCountAreRefused()
    {
        (Checkpoint checkpoint, TitokConfig config, _) = TestFiles.OpenZooOf("generator_titok_l32");
        GeneratorSpec spec = GeneratorSpec.Infer(checkpoint, config.Generator!);
        ModelPairing.CheckClasses([], "classes.txt", spec);
        ModelPairing.CheckClasses([.. Enumerable.Repeat("x", 1000)], "classes.txt", spec);
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => ModelPairing.CheckClasses(["x"], "classes.txt", spec));
        Assert.Contains("has 1 labels, expected 1000", error.Message);
    }

    private static void RefusesTokenizer(
        string name, Action<List<TensorInfo>> change, Func<TokenizerConfig, TokenizerConfig> configure, string reason, bool fileIsConfig = false)
    {
        (Checkpoint checkpoint, TitokConfig config, _) = TestFiles.OpenZooOf("tokenizer_titok_" + name);
        Refuses(checkpoint, change, changed => TokenizerSpec.Infer(changed, configure(config.Tokenizer! with { File = "config.json" })), reason, fileIsConfig);
    }

    private static void RefusesGenerator(
        string name, Action<List<TensorInfo>> change, Func<GeneratorConfig, GeneratorConfig> configure, string reason, bool fileIsConfig = false)
    {
        (Checkpoint checkpoint, TitokConfig config, _) = TestFiles.OpenZooOf("generator_titok_" + name);
        Refuses(checkpoint, change, changed => GeneratorSpec.Infer(changed, configure(config.Generator! with { File = "config.json" })), reason, fileIsConfig);
    }

    private static void Refuses(Checkpoint checkpoint, Action<List<TensorInfo>> change, Action<Checkpoint> infer, string reason, bool fileIsConfig)
    {
        List<TensorInfo> tensors = [.. checkpoint.Tensors.Values];
        change(tensors);
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => infer(new Checkpoint("weights.bin", tensors)));
        Assert.Contains(reason, error.Message);
        Assert.Equal(fileIsConfig ? "config.json" : "weights.bin", error.File);
    }

    private static void Reshape(List<TensorInfo> tensors, string name, int[] shape)
    {
        int index = tensors.FindIndex(tensor => tensor.Name == name);
        tensors[index] = tensors[index] with { Shape = [.. shape] };
    }
}
