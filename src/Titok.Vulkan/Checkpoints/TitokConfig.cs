namespace Titok.Vulkan.Checkpoints;

/// <summary>How a tokenizer turns latents into what the decoder gets.</summary>
internal enum QuantizeMode
{
    Vq,
    Vae,
}

/// <summary>
/// A published <c>config.json</c>: the training configuration, of which the parts that say something about the
/// networks are read. Keys the networks don't depend on are ignored.
/// </summary>
internal sealed record TitokConfig(string File, TokenizerConfig? Tokenizer, GeneratorConfig? Generator)
{
    private const int MaxLengthInBytes = 1 << 20;

    public static TitokConfig Open(IModelFiles files, string path) => Parse(files.ReadSmall(path, MaxLengthInBytes), path);

    public static TitokConfig Parse(ReadOnlyMemory<byte> json, string file) => JsonObjectReader.Parse(json, file, root =>
    {
        JsonObjectReader model = root.Object("model") ?? throw root.Missing("model");
        int? cropSize = root.Object("dataset")?.Object("preprocessing")?.Int("crop_size", 16, TokenizerConfig.MaxImageSize);
        TokenizerConfig? tokenizer = model.Object("vq_model") is { } vqModel ? TokenizerConfig.Read(vqModel, file, cropSize) : null;
        GeneratorConfig? generator = model.Object("generator") is { } section ? GeneratorConfig.Read(section, file, tokenizer) : null;
        return new TitokConfig(file, tokenizer, generator);
    });
}

/// <summary>The <c>model.vq_model</c> section, with the published code's defaults. What is null was not said.</summary>
internal sealed record TokenizerConfig
{
    public const int MaxImageSize = 4096;

    public required string File { get; init; }

    public string? EncoderSize { get; init; }

    public string? DecoderSize { get; init; }

    public int? EncoderPatchSize { get; init; }

    public int? DecoderPatchSize { get; init; }

    public int? LatentTokens { get; init; }

    public int? CodebookSize { get; init; }

    public int? TokenSize { get; init; }

    public int? CropSize { get; init; }

    public bool? UseL2Norm { get; init; }

    public bool FinetuneDecoder { get; init; } = true;

    public bool IsLegacy { get; init; } = true;

    public QuantizeMode Mode { get; init; }

    public static TokenizerConfig Read(JsonObjectReader section, string file, int? cropSize) => new()
    {
        File = file,
        EncoderSize = section.Text("vit_enc_model_size"),
        DecoderSize = section.Text("vit_dec_model_size"),
        EncoderPatchSize = section.Int("vit_enc_patch_size", 1, 256),
        DecoderPatchSize = section.Int("vit_dec_patch_size", 1, 256),
        LatentTokens = section.Int("num_latent_tokens", 1, 65536),
        CodebookSize = section.Int("codebook_size", 1, 1 << 24),
        TokenSize = section.Int("token_size", 1, 65536),
        CropSize = cropSize,
        UseL2Norm = section.Bool("use_l2_norm"),
        FinetuneDecoder = section.Bool("finetune_decoder") ?? true,
        IsLegacy = section.Bool("is_legacy") ?? true,
        Mode = section.Choice<QuantizeMode>(
            "quantize_mode",
            mode => mode switch
            {
                "vq" => QuantizeMode.Vq,
                "vae" => QuantizeMode.Vae,
                _ => null,
            },
            "vq or vae") ?? QuantizeMode.Vq,
    };
}

/// <summary>The two networks that fill masked tokens.</summary>
internal enum GeneratorKind
{
    Bert,
    UViT,
}

/// <summary>The <c>model.generator</c> section and what the tokenizer's section says about it.</summary>
internal sealed record GeneratorConfig
{
    public required string File { get; init; }

    public GeneratorKind? Kind { get; init; }

    public int? HiddenSize { get; init; }

    public int? Layers { get; init; }

    public int? Heads { get; init; }

    public int? IntermediateSize { get; init; }

    public int? LatentTokens { get; init; }

    public int? Classes { get; init; }

    public int? CodebookSize { get; init; }

    /// <summary>The sampling settings the config was published with, where it says all of them.</summary>
    public GenerationSettings? Preset { get; init; }

    public static GeneratorConfig Read(JsonObjectReader section, string file, TokenizerConfig? tokenizer)
    {
        int? length = section.Int("image_seq_len", 1, 65536);
        if (length is not null && tokenizer?.LatentTokens is { } latents && latents != length)
            throw new ModelFormatException(file, $"'model.generator.image_seq_len' is {length}, but 'model.vq_model.num_latent_tokens' is {latents}");
        return new GeneratorConfig
        {
            File = file,
            Kind = section.Choice<GeneratorKind>(
                "model_type",
                type => type switch
                {
                    "ViT" => GeneratorKind.Bert,
                    "UViT" => GeneratorKind.UViT,
                    _ => null,
                },
                "ViT or UViT"),
            HiddenSize = section.Int("hidden_size", 1, 65536),
            Layers = section.Int("num_hidden_layers", 1, 1000),
            Heads = section.Int("num_attention_heads", 1, 1024),
            IntermediateSize = section.Int("intermediate_size", 1, 1 << 20),
            LatentTokens = length ?? tokenizer?.LatentTokens,
            Classes = section.Int("condition_num_classes", 1, 1 << 20),
            CodebookSize = tokenizer?.CodebookSize,
            Preset = ReadPreset(section),
        };
    }

    private static GenerationSettings? ReadPreset(JsonObjectReader section)
    {
        int? steps = section.Int("num_steps", 1, GenerationSettings.MaxSteps);
        float? guidance = section.Float("guidance_scale", -GenerationSettings.MaxSetting, GenerationSettings.MaxSetting);
        float? temperature = section.Float("randomize_temperature", 0, GenerationSettings.MaxSetting);
        GuidanceDecay? schedule = section.Choice<GuidanceDecay>(
            "guidance_decay", GuidanceDecayNames.Parse, GuidanceDecayNames.Choices);
        float power = section.Float("guidance_scale_pow", 0, GenerationSettings.MaxGuidancePower) ?? GenerationSettings.DefaultGuidancePower;

        // The published configs leave annealing to the sampling script, which turns it on for all of them.
        bool anneal = section.Bool("softmax_temperature_annealing") ?? true;
        return steps is null || guidance is null || temperature is null
            ? null
            : new GenerationSettings(steps.Value, guidance.Value, schedule ?? GuidanceDecay.Constant, power, temperature.Value, anneal);
    }
}
