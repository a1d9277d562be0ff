namespace Titok.Vulkan;

/// <summary>What a tokenizer is.</summary>
public sealed record TitokTokenizerInfo
{
    /// <summary>The published model that has this shape, such as TiTok-L-32; null if none has.</summary>
    public string? PublishedName { get; init; }

    /// <summary>VQ with pixel decoder, VQ, or VAE, to be shown; what follows from it are properties of their own.</summary>
    public required string Kind { get; init; }

    /// <summary>Whether a convolutional network makes the pixels, of codes that the transformer decoder predicts.</summary>
    public required bool HasPixelDecoder { get; init; }

    /// <summary>Whether latents are continuous: use latents instead of tokens.</summary>
    public required bool IsContinuous { get; init; }

    /// <summary>Pictures are S×S pixels.</summary>
    public required int ImageSize { get; init; }

    /// <summary>Tokens a picture, K.</summary>
    public required int LatentTokens { get; init; }

    /// <summary>Channels of a latent, C.</summary>
    public required int LatentChannels { get; init; }

    /// <summary>Codebook entries, V; 0 for a VAE.</summary>
    public required int CodebookSize { get; init; }

    /// <summary>Size of the encoder.</summary>
    public required TitokTransformerSize Encoder { get; init; }

    /// <summary>Size of the transformer decoder.</summary>
    public required TitokTransformerSize Decoder { get; init; }

    /// <summary>Parameters in the checkpoint.</summary>
    public required long ParameterCount { get; init; }

    /// <summary>fp32 or fp16, as stored on the device; for a model on disk fp32, fp16, bf16 or mixed, as in its file.</summary>
    public required string Precision { get; init; }
}
