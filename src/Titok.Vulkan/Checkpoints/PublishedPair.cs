using System.Collections.Immutable;

namespace Titok.Vulkan.Checkpoints;

/// <summary>The three published models that have both parts, as their checkpoints have them.</summary>
internal sealed record PublishedPair(string Name, string SizeName, TokenizerSpec Tokenizer, GeneratorSpec Generator, GenerationSettings Preset)
{
    public static ImmutableArray<PublishedPair> All { get; } =
    [
        new("L-32", "large", Legacy("large", 32), Bert(32), Paper(8, 4.5f, GuidanceDecay.Linear, 9.5f)),
        new("B-64", "base", Legacy("base", 64), Bert(64), Paper(8, 3, GuidanceDecay.Linear, 11)),
        new("S-128", "small", Legacy("small", 128), UViT(128), Paper(64, 6.9f, GuidanceDecay.PowerCosine, 2.8f)),
    ];

    public static PublishedPair Find(string name) =>
        All.FirstOrDefault(m => m.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException($"'{name}' is not one of {string.Join(", ", All.Select(m => m.Name))}.", nameof(name));

    private static GenerationSettings Paper(int steps, float guidance, GuidanceDecay decay, float temperature) =>
        new(steps, guidance, decay, GenerationSettings.DefaultGuidancePower, temperature, Anneal: true);

    private static TokenizerSpec Legacy(string size, int latents)
    {
        TransformerSize transformer = TransformerSize.Named(size)!;
        return new TokenizerSpec
        {
            Kind = TokenizerKind.VqPixelDecoder,
            ImageSize = 256,
            Patches = 256,
            LatentTokens = latents,
            TokenSize = 12,
            Encoder = transformer,
            Decoder = transformer,
            CodebookSize = 4096,
            UseL2Norm = true,
            IsLegacy = true,
            PixelDecoder = new PixelDecoderSpec(2 * transformer.Width, 1024, 256, 512, 2, 32,
            [
                new(4, 512, 512, 2, HasUpsample: true),
                new(3, 512, 256, 2, HasUpsample: true),
                new(2, 256, 256, 2, HasUpsample: true),
                new(1, 256, 128, 2, HasUpsample: true),
                new(0, 128, 128, 2, HasUpsample: false),
            ]),
        };
    }

    private static GeneratorSpec Bert(int latents) => new()
    {
        Kind = GeneratorKind.Bert,
        Hidden = 768,
        Layers = 24,
        Heads = 16,
        Intermediate = 3072,
        LatentTokens = latents,
        CodebookSize = 4096,
        Classes = 1000,
    };

    private static GeneratorSpec UViT(int latents) => new()
    {
        Kind = GeneratorKind.UViT,
        Hidden = 1024,
        Layers = 20,
        Heads = 16,
        Intermediate = 4096,
        LatentTokens = latents,
        CodebookSize = 4096,
        Classes = 1000,
    };
}
