namespace Titok.Vulkan.Checkpoints;

/// <summary>The published models, told by their shape: no two of a kind have the same.</summary>
internal static class PublishedNames
{
    private const int Small = 512, Base = 768, Large = 1024;

    private static readonly (string Name, TokenizerKind Kind, int Tokens, int Codes, int EncoderWidth, int DecoderWidth)[] s_tokenizers =
    [
        ("TiTok-L-32", TokenizerKind.VqPixelDecoder, 32, 4096, Large, Large),
        ("TiTok-B-64", TokenizerKind.VqPixelDecoder, 64, 4096, Base, Base),
        ("TiTok-S-128", TokenizerKind.VqPixelDecoder, 128, 4096, Small, Small),
        ("TiTok-BL-64 VQ", TokenizerKind.VqDirect, 64, 8192, Base, Large),
        ("TiTok-BL-128 VQ", TokenizerKind.VqDirect, 128, 8192, Base, Large),
        ("TiTok-SL-256 VQ", TokenizerKind.VqDirect, 256, 8192, Small, Large),
        ("TiTok-LL-32 VAE", TokenizerKind.Vae, 32, 0, Large, Large),
        ("TiTok-BL-64 VAE", TokenizerKind.Vae, 64, 0, Base, Large),
        ("TiTok-BL-128 VAE", TokenizerKind.Vae, 128, 0, Base, Large),
    ];

    private static readonly (string Name, GeneratorKind Kind, int Tokens, int Hidden, int Layers)[] s_generators =
    [
        ("TiTok-L-32", GeneratorKind.Bert, 32, 768, 24),
        ("TiTok-B-64", GeneratorKind.Bert, 64, 768, 24),
        ("TiTok-S-128", GeneratorKind.UViT, 128, 1024, 20),
    ];

    /// <summary>The name of the published tokenizer of this shape; null if none has it.</summary>
    public static string? NameOf(TokenizerSpec spec)
    {
        foreach (var model in s_tokenizers)
        {
            if (spec.ImageSize == 256
                && (model.Kind, model.Tokens, model.Codes, model.EncoderWidth, model.DecoderWidth)
                    == (spec.Kind, spec.LatentTokens, spec.CodebookSize, spec.Encoder.Width, spec.Decoder.Width)
                && spec.Encoder.Layers == LayersOf(model.EncoderWidth) && spec.Decoder.Layers == LayersOf(model.DecoderWidth))
                return model.Name;
        }
        return null;
    }

    /// <summary>The name of the published generator of this shape; null if none has it.</summary>
    public static string? NameOf(GeneratorSpec spec)
    {
        foreach (var model in s_generators)
        {
            if (spec.CodebookSize == 4096 && spec.Classes == 1000
                && (model.Kind, model.Tokens, model.Hidden, model.Layers) == (spec.Kind, spec.LatentTokens, spec.Hidden, spec.Layers))
                return model.Name;
        }
        return null;
    }

    private static int LayersOf(int width) => width switch
    {
        Small => 8,
        Base => 12,
        _ => 24,
    };
}
