namespace Titok.Vulkan.Checkpoints;

/// <summary>The size of a tokenizer's encoder or decoder transformer.</summary>
internal sealed record TransformerSize(int Width, int Layers, int Heads, int MlpWidth)
{
    /// <summary>Every head of a tokenizer is this wide, whatever the transformer's size.</summary>
    public const int HeadWidthInChannels = 64;

    /// <summary>Infers the size of the part named <paramref name="part"/> and checks it against its size's name.</summary>
    public static TransformerSize Infer(ShapeInference shapes, string part, string key, string? sizeName)
    {
        string embedding = $"{part}.positional_embedding";
        int width = shapes.Shape(embedding, 2)[1];
        if (width % HeadWidthInChannels != 0)
            throw shapes.Bad(embedding, $"is {width} wide, expected a multiple of {HeadWidthInChannels}");
        int layers = shapes.Count(i => $"{part}.transformer.{i}.ln_1.weight");
        if (layers == 0)
            throw shapes.Bad($"{part}.transformer.0.ln_1.weight", "is missing, expected at least one layer");

        // A name that isn't one of the published three says nothing, and then the tensors alone count.
        if (Named(sizeName) is { } size && (size.Width, size.Layers) != (width, layers))
            throw shapes.Contradiction(embedding, $"{width} channels ({layers} layers found)", key, $"{sizeName} ({size.Width} channels, {size.Layers} layers)");
        int mlpWidth = shapes.Shape($"{part}.transformer.0.mlp.c_fc.weight", 2)[0];
        return new TransformerSize(width, layers, width / HeadWidthInChannels, mlpWidth);
    }

    /// <summary>The published size of a name; null for any other name.</summary>
    public static TransformerSize? Named(string? sizeName) => sizeName switch
    {
        "small" => OfWidth(512, 8),
        "base" => OfWidth(768, 12),
        "large" => OfWidth(1024, 24),
        _ => null,
    };

    /// <summary>The blocks and the normalisations around them.</summary>
    public IEnumerable<ExpectedTensor> ExpectedTensors(string part)
    {
        List<ExpectedTensor> tensors = [.. ExpectedLayers.Norm($"{part}.ln_pre", Width), .. ExpectedLayers.Norm($"{part}.ln_post", Width)];
        for (int i = 0; i < Layers; i++)
        {
            string block = $"{part}.transformer.{i}";
            tensors.AddRange(
            [
                .. ExpectedLayers.Norm($"{block}.ln_1", Width),
                new($"{block}.attn.in_proj_weight", [3 * Width, Width]),
                new($"{block}.attn.in_proj_bias", [3 * Width]),
                .. ExpectedLayers.Affine($"{block}.attn.out_proj", Width, Width),
                .. ExpectedLayers.Norm($"{block}.ln_2", Width),
                .. ExpectedLayers.Affine($"{block}.mlp.c_fc", MlpWidth, Width),
                .. ExpectedLayers.Affine($"{block}.mlp.c_proj", Width, MlpWidth),
            ]);
        }

        return tensors;
    }

    private static TransformerSize OfWidth(int width, int layers) => new(width, layers, width / HeadWidthInChannels, 4 * width);
}
