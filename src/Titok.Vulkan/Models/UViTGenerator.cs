using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Models;

/// <summary>The U-ViT-kind generator: pre-norm blocks, the second half joined to the first by long skips.</summary>
internal sealed class UViTGenerator(Graph graph, GeneratorSpec spec) : IGeneratorNetwork
{
    private const float Epsilon = 1e-5f;
    private readonly int _width = spec.Hidden;

    public Tensor Build(Tensor ids, Tensor classes, bool guided)
    {
        Tensor x = graph.EmbedIds(
            "embeddings",
            ids,
            classes,
            graph.Table(new Shape(spec.VocabularySize, _width), "embeddings.weight"),
            graph.Table(new Shape(spec.LatentTokens + 1, _width), "pos_embed"),
            type: null,
            guided,
            spec.MaskId + 1,
            spec.DroppedClassId);

        int depth = spec.Layers / 2;
        var skips = new Stack<Tensor>();
        for (int block = 0; block < depth; block++)
        {
            x = Block($"in_blocks.{block}", x);
            skips.Push(x);
        }
        x = Block("mid_block", x);
        for (int block = 0; block < depth; block++)
            x = Block($"out_blocks.{block}", Join($"out_blocks.{block}.skip_linear", x, skips.Pop()));

        x = graph.Stage("norm", LayerNorm("norm", x, first: 1));
        return graph.Stage("lm_head", graph.Linear(
            "lm_head", x, graph.OutputMatrix(spec.CodebookSize, _width, "lm_head.weight"), graph.Vector(spec.CodebookSize, "lm_head.bias"),
            output: DataType.Float32));
    }

    private Tensor Block(string name, Tensor x)
    {
        Tensor qkv = graph.Linear(
            $"{name}.attn.qkv", LayerNorm($"{name}.norm1", x), graph.Matrix(3 * _width, _width, $"{name}.attn.qkv.weight"), bias: null);
        x = Linear($"{name}.attn.proj", graph.Attention($"{name}.attn", qkv, spec.Heads), _width, residual: x);
        Tensor hidden = Linear($"{name}.mlp.fc1", LayerNorm($"{name}.norm2", x), spec.Intermediate, Activation.Gelu);
        return graph.Stage(name, Linear($"{name}.mlp.fc2", hidden, _width, residual: x));
    }

    /// <summary>A linear layer over [x, skip] side by side, done as two without copying them together.</summary>
    private Tensor Join(string name, Tensor x, Tensor skip)
    {
        Tensor half = graph.Linear(
            $"{name}.x", x, graph.MatrixColumns($"{name}.weight", _width, 2 * _width, 0, _width), graph.Vector(_width, $"{name}.bias"));
        return graph.Stage(name, graph.Linear(
            $"{name}.skip", skip, graph.MatrixColumns($"{name}.weight", _width, 2 * _width, _width, _width), bias: null, residual: half));
    }

    private Tensor LayerNorm(string name, Tensor x, int first = 0) =>
        graph.LayerNorm(name, x, graph.Vector(_width, $"{name}.weight"), graph.Vector(_width, $"{name}.bias"), Epsilon, first);

    private Tensor Linear(string name, Tensor x, int outFeatures, Activation activation = Activation.None, Tensor? residual = null) =>
        graph.Linear(
            name, x, graph.Matrix(outFeatures, x.Shape[-1], $"{name}.weight"), graph.Vector(outFeatures, $"{name}.bias"), activation, residual);
}
