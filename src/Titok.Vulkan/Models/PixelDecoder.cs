using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Models;

/// <summary>The convolutional decoder of the legacy models: 16-fold from a code a patch to pixels. x is [B, H, W, C].</summary>
internal sealed class PixelDecoder(Graph graph, PixelDecoderSpec spec)
{
    private const string Prefix = "pixel_decoder";
    private const float Epsilon = 1e-6f;

    /// <summary>Codes [B, S/16, S/16, D] to fp32 pictures [B, S, S, 3].</summary>
    public Tensor Build(Tensor x)
    {
        x = Conv($"{Prefix}.conv_in", x, spec.MidChannels, bias: true);
        for (int block = 0; block < spec.MidBlocks; block++)
            x = ResidualBlock($"{Prefix}.mid.{block}", x, spec.MidChannels);
        foreach (PixelDecoderStage stage in spec.Stages)
            x = Up(stage, x);
        x = Norm($"{Prefix}.norm_out", x);
        return graph.Stage($"{Prefix}.conv_out", graph.Conv3x3(
            $"{Prefix}.conv_out",
            x,
            graph.Convolution($"{Prefix}.conv_out.weight", 3, x.Shape[-1]),
            graph.Vector(3, $"{Prefix}.conv_out.bias"),
            output: DataType.Float32));
    }

    private Tensor Up(PixelDecoderStage stage, Tensor x)
    {
        string name = $"{Prefix}.up.{stage.Index}";
        for (int block = 0; block < stage.Blocks; block++)
            x = ResidualBlock($"{name}.block.{block}", x, stage.OutChannels);
        if (stage.HasUpsample)
            x = Conv($"{name}.upsample_conv", x, stage.OutChannels, bias: true, upsample: true);
        return graph.Stage(name, x);
    }

    private Tensor ResidualBlock(string name, Tensor x, int channels)
    {
        Tensor hidden = Conv($"{name}.conv1", Norm($"{name}.norm1", x), channels);
        hidden = Norm($"{name}.norm2", hidden);
        if (x.Shape[-1] == channels)
            return graph.Stage(name, Conv($"{name}.conv2", hidden, channels, residual: x));

        // The published code applies the shortcut to the branch's own output and drops the block's input.
        hidden = Conv($"{name}.conv2", hidden, channels);
        string shortcut = $"{name}.nin_shortcut";
        return graph.Stage(name, graph.Linear(
            shortcut, hidden, graph.Matrix(channels, channels, $"{shortcut}.weight"), bias: null, residual: hidden));
    }

    private Tensor Norm(string name, Tensor x) =>
        graph.GroupNorm(
            name, x, graph.Vector(x.Shape[-1], $"{name}.weight"), graph.Vector(x.Shape[-1], $"{name}.bias"), spec.Groups, Epsilon, silu: true);

    private Tensor Conv(string name, Tensor x, int channels, bool bias = false, Tensor? residual = null, bool upsample = false) =>
        graph.Stage(name, graph.Conv3x3(
            name,
            x,
            graph.Convolution($"{name}.weight", channels, x.Shape[-1], upsample),
            bias ? graph.Vector(channels, $"{name}.bias") : null,
            residual,
            upsample));
}
