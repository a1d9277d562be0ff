using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Models;

/// <summary>Pictures to latents: a vision transformer that carries K latent tokens along with the patches.</summary>
internal sealed class TokenizerEncoder(Graph graph, TokenizerSpec spec)
{
    private readonly int _width = spec.Encoder.Width;
    private readonly TransformerBlocks _blocks = new(graph, "encoder", spec.Encoder);

    /// <summary>
    /// Planar fp32 pictures [B, 3, S, S] in 0..1 to fp32 latents [B, K, D], where D is the token size; for a VAE twice
    /// that, mean first and then log-variance.
    /// </summary>
    public Tensor Build(Tensor image)
    {
        int patch = spec.PatchSize;
        Tensor patches = graph.Stage("encoder.patch_embed", graph.Linear(
            "encoder.patch_embed",
            graph.Patchify("encoder.patches", image, patch),
            graph.Matrix(_width, 3 * patch * patch, "encoder.patch_embed.weight"),
            graph.Vector(_width, "encoder.patch_embed.bias")));

        Tensor x = graph.AssembleTokens(
            "encoder.tokens",
            decoder: false,
            patches,
            graph.Vector(_width, "encoder.class_embedding"),
            graph.Table(new Shape(spec.LatentTokens, _width), "latent_tokens"),
            graph.Table(new Shape(spec.Patches + 1, _width), "encoder.positional_embedding"),
            graph.Table(new Shape(spec.LatentTokens, _width), "encoder.latent_token_positional_embedding"));

        x = _blocks.LayerNorm("encoder.ln_pre", x);
        x = _blocks.Build(x, first: 1 + spec.Patches, spec.LatentTokens);
        x = _blocks.LayerNorm("encoder.ln_post", x);
        if (spec.IsLegacy)
            x = graph.ReshapeLatents("encoder.legacy_reshape", x);
        return graph.Stage("encoder.conv_out", graph.Linear(
            "encoder.conv_out",
            x,
            graph.Matrix(spec.EncoderOutput, _width, "encoder.conv_out.weight"),
            graph.Vector(spec.EncoderOutput, "encoder.conv_out.bias"),
            output: DataType.Float32));
    }
}
