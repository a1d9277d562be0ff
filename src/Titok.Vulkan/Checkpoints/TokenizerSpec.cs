namespace Titok.Vulkan.Checkpoints;

/// <summary>The three kinds of published tokenizers.</summary>
internal enum TokenizerKind
{
    /// <summary>Codebook, softmax over proxy codes, and a convolutional pixel decoder.</summary>
    VqPixelDecoder,

    /// <summary>Codebook, pixels straight from the transformer.</summary>
    VqDirect,

    /// <summary>Continuous latents, pixels straight from the transformer.</summary>
    Vae,
}

/// <summary>Everything about a tokenizer's shape, inferred from its tensors and agreed with its config.</summary>
internal sealed record TokenizerSpec
{
    private const int Patch = 16;

    public required TokenizerKind Kind { get; init; }

    /// <summary>S: pictures are [3, S, S].</summary>
    public required int ImageSize { get; init; }

    public int PatchSize => Patch;

    /// <summary>P = (S / 16)².</summary>
    public required int Patches { get; init; }

    /// <summary>K.</summary>
    public required int LatentTokens { get; init; }

    /// <summary>Channels of a latent as the decoder gets it. A VAE's encoder gives twice as many.</summary>
    public required int TokenSize { get; init; }

    public required TransformerSize Encoder { get; init; }

    public required TransformerSize Decoder { get; init; }

    /// <summary>V, or 0 for a VAE.</summary>
    public required int CodebookSize { get; init; }

    public required bool UseL2Norm { get; init; }

    /// <summary>Whether the encoder's latents are reshaped, as the first published models had it, not transposed.</summary>
    public required bool IsLegacy { get; init; }

    /// <summary>Of a <see cref="TokenizerKind.VqPixelDecoder"/> tokenizer only.</summary>
    public PixelDecoderSpec? PixelDecoder { get; init; }

    /// <summary>Whether tokens are continuous, with a mean and a log-variance.</summary>
    public bool IsVae => Kind == TokenizerKind.Vae;

    /// <summary>Channels of a token that the encoder makes: a VAE's means and log-variances.</summary>
    public int EncoderOutput => IsVae ? 2 * TokenSize : TokenSize;

    /// <summary>Infers a tokenizer's shape and checks every tensor's presence and shape.</summary>
    public static TokenizerSpec Infer(Checkpoint checkpoint, TokenizerConfig config)
    {
        var shapes = new ShapeInference(checkpoint, config.File);
        TransformerSize encoder = TransformerSize.Infer(shapes, "encoder", "vit_enc_model_size", config.EncoderSize);
        TransformerSize decoder = TransformerSize.Infer(shapes, "decoder", "vit_dec_model_size", config.DecoderSize);
        TokenizerKind kind = InferKind(shapes, config);
        int patches = shapes.Shape("encoder.positional_embedding", 2)[0] - 1;
        var spec = new TokenizerSpec
        {
            Kind = kind,
            Encoder = encoder,
            Decoder = decoder,
            Patches = patches,
            ImageSize = InferImageSize(shapes, patches, config),
            LatentTokens = shapes.Agree("latent_tokens", "latent tokens", shapes.Shape("latent_tokens", 2)[0], "num_latent_tokens", config.LatentTokens),
            TokenSize = shapes.Agree("decoder.decoder_embed.weight", "token size", shapes.Shape("decoder.decoder_embed.weight", 2)[1], "token_size", config.TokenSize),
            CodebookSize = kind == TokenizerKind.Vae ? 0
                : shapes.Agree("quantize.embedding.weight", "codebook size", shapes.Shape("quantize.embedding.weight", 2)[0], "codebook_size", config.CodebookSize),
            UseL2Norm = kind != TokenizerKind.Vae && (config.UseL2Norm ?? throw new ModelFormatException(config.File, "'model.vq_model.use_l2_norm' is missing")),
            IsLegacy = config.IsLegacy,
            PixelDecoder = kind == TokenizerKind.VqPixelDecoder ? PixelDecoderSpec.Infer(shapes) : null,
        };
        const string PatchEmbed = "encoder.patch_embed.weight";
        shapes.Agree(PatchEmbed, "patch size", shapes.Shape(PatchEmbed, 4)[2], "vit_enc_patch_size", config.EncoderPatchSize);
        shapes.Agree(PatchEmbed, "patch size", shapes.Shape(PatchEmbed, 4)[2], "vit_dec_patch_size", config.DecoderPatchSize);
        ExpectedTensor.Check(checkpoint, spec.ExpectedTensors());
        return spec;
    }

    /// <summary>Every tensor the network uses.</summary>
    public IEnumerable<ExpectedTensor> ExpectedTensors()
    {
        List<ExpectedTensor> tensors =
        [
            new("latent_tokens", [LatentTokens, Encoder.Width]),
            new("encoder.class_embedding", [1, Encoder.Width]),
            new("encoder.positional_embedding", [1 + Patches, Encoder.Width]),
            new("encoder.latent_token_positional_embedding", [LatentTokens, Encoder.Width]),
            .. ExpectedLayers.Affine("encoder.patch_embed", Encoder.Width, 3, Patch, Patch),
            .. Encoder.ExpectedTensors("encoder"),
            .. ExpectedLayers.Affine("encoder.conv_out", EncoderOutput, Encoder.Width, 1, 1),
            new("decoder.class_embedding", [1, Decoder.Width]),
            new("decoder.positional_embedding", [1 + Patches, Decoder.Width]),
            new("decoder.mask_token", [1, 1, Decoder.Width]),
            new("decoder.latent_token_positional_embedding", [LatentTokens, Decoder.Width]),
            .. ExpectedLayers.Affine("decoder.decoder_embed", Decoder.Width, TokenSize),
            .. Decoder.ExpectedTensors("decoder"),
            .. ExpectedLayers.Affine("decoder.ffn.0", PixelDecoder?.HeadWidth ?? (3 * Patch * Patch), Decoder.Width, 1, 1),
        ];
        if (!IsVae)
            tensors.Add(new("quantize.embedding.weight", [CodebookSize, TokenSize]));
        tensors.AddRange(PixelDecoder?.ExpectedTensors() ?? ExpectedLayers.Affine("decoder.conv_out", 3, 3, 3, 3));
        return tensors;
    }

    private static TokenizerKind InferKind(ShapeInference shapes, TokenizerConfig config)
    {
        const string Codebook = "quantize.embedding.weight", PixelInput = "pixel_decoder.conv_in.weight";
        bool hasCodebook = shapes.Has(Codebook), hasPixelDecoder = shapes.Has(PixelInput);
        if (hasCodebook != (config.Mode == QuantizeMode.Vq))
            throw shapes.Contradiction(Codebook, hasCodebook ? "vector quantization" : "a VAE", "quantize_mode", config.Mode == QuantizeMode.Vq ? "vq" : "vae");

        // The published code reads finetune_decoder for a VAE as well, but builds no pixel decoder in either case.
        if (hasCodebook && hasPixelDecoder != config.FinetuneDecoder)
            throw shapes.Contradiction(PixelInput, hasPixelDecoder ? "a pixel decoder" : "no pixel decoder", "finetune_decoder", config.FinetuneDecoder ? "true" : "false");
        return !hasCodebook ? TokenizerKind.Vae : hasPixelDecoder ? TokenizerKind.VqPixelDecoder : TokenizerKind.VqDirect;
    }

    private static int InferImageSize(ShapeInference shapes, int patches, TokenizerConfig config)
    {
        const string Embedding = "encoder.positional_embedding";
        int side = (int)Math.Sqrt(patches);
        if (side == 0 || side * side != patches || side * Patch > TokenizerConfig.MaxImageSize)
            throw shapes.Bad(Embedding, $"has {patches} positions behind the class, expected the square of 1 to {TokenizerConfig.MaxImageSize / Patch}");
        return shapes.Agree(Embedding, "picture size", side * Patch, "crop_size", config.CropSize);
    }
}
