using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Models;

/// <summary>The pre-norm residual attention blocks that TiTok's encoder and decoder are made of. x is [B, T, C].</summary>
internal sealed class TransformerBlocks(Graph graph, string prefix, TransformerSize size)
{
    private const float Epsilon = 1e-5f;

    public Tensor Build(Tensor x)
    {
        for (int layer = 0; layer < size.Layers; layer++)
            x = Block(x, $"{prefix}.transformer.{layer}");
        return x;
    }

    /// <summary>Layer norm of tokens [first, first + count).</summary>
    public Tensor LayerNorm(string name, Tensor x, int first = 0, int? count = null) =>
        graph.Stage(name, graph.LayerNorm(
            name, x, graph.Vector(size.Width, $"{name}.weight"), graph.Vector(size.Width, $"{name}.bias"), Epsilon, first, count));

    private Tensor Block(Tensor x, string name)
    {
        x = Attention(LayerNorm($"{name}.ln_1", x), $"{name}.attn", residual: x);
        return graph.Stage(name, Mlp(LayerNorm($"{name}.ln_2", x), $"{name}.mlp", residual: x));
    }

    private Tensor Attention(Tensor x, string name, Tensor residual)
    {
        Tensor qkv = graph.Linear(
            $"{name}.in_proj", x, graph.Matrix(3 * size.Width, size.Width, $"{name}.in_proj_weight"), graph.Vector(3 * size.Width, $"{name}.in_proj_bias"));
        return Linear($"{name}.out_proj", graph.Attention(name, qkv, size.Heads), size.Width, Activation.None, residual);
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
