using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Models;

/// <summary>The BERT-kind generator: post-norm layers over the class token and K ids.</summary>
internal sealed class BertGenerator(Graph graph, GeneratorSpec spec) : IGeneratorNetwork
{
    private const float Epsilon = 1e-12f;
    private readonly int _width = spec.Hidden;

    public Tensor Build(Tensor ids, Tensor classes, bool guided)
    {
        const string embeddings = "model.embeddings";
        Tensor x = graph.EmbedIds(
            embeddings,
            ids,
            classes,
            graph.Table(new Shape(spec.VocabularySize, _width), $"{embeddings}.word_embeddings.weight"),
            graph.Table(new Shape(spec.LatentTokens + 1, _width), $"{embeddings}.position_embeddings.weight"),
            graph.Table(new Shape(2, _width), $"{embeddings}.token_type_embeddings.weight"),
            guided,
            spec.MaskId + 1,
            spec.DroppedClassId);
        x = graph.Stage(embeddings, LayerNorm($"{embeddings}.LayerNorm", x));
        for (int layer = 0; layer < spec.Layers; layer++)
            x = Layer($"model.encoder.layer.{layer}", x, last: layer == spec.Layers - 1);
        return graph.Stage("model.lm_head", graph.Linear(
            "model.lm_head", x, graph.OutputMatrix(spec.CodebookSize, _width, "model.lm_head.weight"), graph.Vector(spec.CodebookSize, "model.lm_head.bias"),
            output: DataType.Float32));
    }

    private Tensor Layer(string name, Tensor x, bool last)
    {
        string self = $"{name}.attention.self", output = $"{name}.attention.output";
        Tensor qkv = graph.Linear(
            $"{self}.qkv",
            x,
            graph.Matrix(3 * _width, _width, $"{self}.query.weight", $"{self}.key.weight", $"{self}.value.weight"),
            graph.Vector(3 * _width, $"{self}.query.bias", $"{self}.key.bias", $"{self}.value.bias"));
        Tensor attended = graph.Attention(self, qkv, spec.Heads);
        x = LayerNorm($"{output}.LayerNorm", Dense($"{output}.dense", attended, _width, residual: x));

        Tensor hidden = Dense($"{name}.intermediate.dense", x, spec.Intermediate, Activation.Gelu);
        x = Dense($"{name}.output.dense", hidden, _width, residual: x);

        // The class token has done its work after the last attention; the head reads only the tokens behind it.
        return graph.Stage(name, LayerNorm($"{name}.output.LayerNorm", x, first: last ? 1 : 0));
    }

    private Tensor LayerNorm(string name, Tensor x, int first = 0) =>
        graph.LayerNorm(name, x, graph.Vector(_width, $"{name}.weight"), graph.Vector(_width, $"{name}.bias"), Epsilon, first);

    private Tensor Dense(string name, Tensor x, int outFeatures, Activation activation = Activation.None, Tensor? residual = null) =>
        graph.Linear(
            name, x, graph.Matrix(outFeatures, x.Shape[-1], $"{name}.weight"), graph.Vector(outFeatures, $"{name}.bias"), activation, residual);
}
