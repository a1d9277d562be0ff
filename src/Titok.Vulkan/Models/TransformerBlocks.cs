using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Models;

/// <summary>The pre-norm residual attention blocks that TiTok's encoder and decoder are made of. x is [B, T, C].</summary>
internal sealed class TransformerBlocks(Graph graph, string prefix, TransformerSize size)
{
    private const float Epsilon = 1e-5f;

    /// <summary>
    /// Of the last block only tokens [first, first + count), which are all that anybody reads: past its attention each token
    /// goes its own way, so the others end there.
    /// </summary>
    public Tensor Build(Tensor x, int first, int count)
    {
        for (int layer = 0; layer < size.Layers - 1; layer++)
            x = Block(x, $"{prefix}.transformer.{layer}");
        return Block(x, $"{prefix}.transformer.{size.Layers - 1}", (first, count));
    }

    public Tensor LayerNorm(string name, Tensor x) =>
        graph.Stage(name, graph.LayerNorm(name, x, graph.Vector(size.Width, $"{name}.weight"), graph.Vector(size.Width, $"{name}.bias"), Epsilon));

    private Tensor Block(Tensor x, string name, (int First, int Count)? kept = null)
    {
        Tensor attended = Attention(LayerNorm($"{name}.ln_1", x), $"{name}.attn");
        if (kept is var (first, count))
        {
            attended = graph.TakeTokens($"{name}.attn.kept", attended, first, count);
            x = graph.TakeTokens($"{name}.kept", x, first, count);
        }
        x = Linear($"{name}.attn.out_proj", attended, size.Width, Activation.None, residual: x);
        return graph.Stage(name, Mlp(LayerNorm($"{name}.ln_2", x), $"{name}.mlp", residual: x));
    }

    /// <summary>Without the projection behind it.</summary>
    private Tensor Attention(Tensor x, string name)
    {
        Tensor qkv = graph.Linear(
            $"{name}.in_proj", x, graph.Matrix(3 * size.Width, size.Width, $"{name}.in_proj_weight"), graph.Vector(3 * size.Width, $"{name}.in_proj_bias"));
        return graph.Attention(name, qkv, size.Heads);
    }

    private Tensor Mlp(Tensor x, string name, Tensor residual)
    {
        Tensor hidden = graph.Stage($"{name}.gelu", Linear($"{name}.c_fc", x, size.MlpWidth, Activation.Gelu));
        return Linear($"{name}.c_proj", hidden, size.Width, Activation.None, residual);
    }

    private Tensor Linear(string name, Tensor x, int outFeatures, Activation activation, Tensor? residual = null) =>
        graph.Linear(
            name, x, graph.Matrix(outFeatures, x.Shape[-1], $"{name}.weight"), graph.Vector(outFeatures, $"{name}.bias"), activation, residual);
}
