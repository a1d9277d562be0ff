namespace Titok.Vulkan;

/// <summary>What a generator is.</summary>
public sealed record TitokGeneratorInfo
{
    /// <summary>The published model that has this shape, such as TiTok-L-32; null if none has.</summary>
    public string? PublishedName { get; init; }

    /// <summary>BERT or U-ViT, to be shown.</summary>
    public required string Kind { get; init; }

    /// <summary>Size of its transformer.</summary>
    public required TitokTransformerSize Transformer { get; init; }

    /// <summary>Tokens a picture, K.</summary>
    public required int LatentTokens { get; init; }

    /// <summary>Codebook entries, V.</summary>
    public required int CodebookSize { get; init; }

    /// <summary>Classes it was trained on.</summary>
    public required int Classes { get; init; }

    /// <summary>Parameters in the checkpoint.</summary>
    public required long ParameterCount { get; init; }

    /// <summary>fp32 or fp16, as stored on the device; for a model on disk fp32, fp16, bf16 or mixed, as in its file.</summary>
    public required string Precision { get; init; }

    /// <summary>fp32, fp16 or int8, as the weights of linear layers are stored on the device; for a model on disk the same as <see cref="Precision"/>.</summary>
    public required string WeightPrecision { get; init; }
}
