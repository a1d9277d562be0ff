using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Models;

/// <summary>Latents to pictures: a vision transformer over mask tokens and latents, then one of two heads.</summary>
/// <param name="graph">To describe it in.</param>
/// <param name="spec">Its sizes.</param>
/// <param name="pixelBatch">Pictures that go through the pixel decoder at a time.</param>
internal sealed class TokenizerDecoder(Graph graph, TokenizerSpec spec, int pixelBatch)
{
    private readonly int _width = spec.Decoder.Width;
    private readonly TransformerBlocks _blocks = new(graph, "decoder", spec.Decoder);

    /// <summary>Latents [B, K, D] to planar fp32 pictures [B, 3, S, S], not clamped.</summary>
    public void Build(Tensor latents, Tensor image)
    {
        Tensor x = graph.Stage("decoder.decoder_embed", graph.Linear(
            "decoder.decoder_embed",
            latents,
            graph.Matrix(_width, spec.TokenSize, "decoder.decoder_embed.weight"),
            graph.Vector(_width, "decoder.decoder_embed.bias")));

        x = graph.AssembleTokens(
            "decoder.tokens",
            decoder: true,
            x,
            graph.Vector(_width, "decoder.class_embedding"),
            graph.Vector(_width, "decoder.mask_token"),
            graph.Table(new Shape(spec.Patches + 1, _width), "decoder.positional_embedding"),
            graph.Table(new Shape(spec.LatentTokens, _width), "decoder.latent_token_positional_embedding"));

        x = _blocks.LayerNorm("decoder.ln_pre", x);
        x = _blocks.Build(x, first: 1, spec.Patches);
        x = _blocks.LayerNorm("decoder.ln_post", x);
        if (spec.PixelDecoder is { } plan)
            LegacyHead(x, plan, image);
        else
            graph.ToPlanar("picture", DirectHead(x), image);
    }

    /// <summary>
    /// Logits over the pixel codebook for each patch; the softmax-weighted mean of its entries goes into the pixel decoder, a
    /// few pictures at a time: its feature maps are what takes the memory, and large enough to fill a device.
    /// </summary>
    private void LegacyHead(Tensor x, PixelDecoderSpec plan, Tensor image)
    {
        Tensor hidden = graph.Stage("decoder.ffn.1", PointwiseConv("decoder.ffn.0", x, plan.HeadWidth, Activation.Tanh));
        Tensor logits = graph.Stage("decoder.ffn.2", PointwiseConv("decoder.ffn.2", hidden, plan.Codes, output: DataType.Float32));
        Tensor codes = graph.Linear(
            "pixel_quantize",
            graph.Softmax("pixel_quantize.softmax", logits),
            graph.TransposedMatrix("pixel_quantize.embedding.weight", plan.CodeWidth, plan.Codes),
            bias: null);
        int batch = x.Shape[0], side = spec.ImageSize / spec.PatchSize;
        codes = codes.Reshape(batch, side, side, plan.CodeWidth);
        int together = codes.IsSliceableEvery(pixelBatch) && image.IsSliceableEvery(pixelBatch) ? pixelBatch : batch;
        var decoder = new PixelDecoder(graph, plan);
        for (int first = 0; first < batch; first += together)
        {
            int count = Math.Min(together, batch - first);
            graph.ToPlanar("picture", decoder.Build(codes.Slice(first, count)), image.Slice(first, count));
        }
    }

    /// <summary>Pixels straight from each patch, smoothed by one 3×3 convolution.</summary>
    private Tensor DirectHead(Tensor x)
    {
        int patch = spec.PatchSize;
        Tensor pixels = graph.Unpatchify("decoder.ffn.1", PointwiseConv("decoder.ffn.0", x, 3 * patch * patch), patch);
        return graph.Stage("decoder.conv_out", graph.Conv3x3(
            "decoder.conv_out",
            graph.Stage("decoder.ffn.1", pixels),
            graph.Convolution("decoder.conv_out.weight", 3, 3),
            graph.Vector(3, "decoder.conv_out.bias"),
            output: DataType.Float32));
    }

    private Tensor PointwiseConv(string name, Tensor x, int outChannels, Activation activation = Activation.None, DataType? output = null) =>
        graph.Linear(
            name, x, graph.Matrix(outChannels, x.Shape[-1], $"{name}.weight"), graph.Vector(outChannels, $"{name}.bias"), activation,
            output: output);
}
