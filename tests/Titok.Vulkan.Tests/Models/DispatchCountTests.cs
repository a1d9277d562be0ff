using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Models;
using Titok.Vulkan.Tests.Checkpoints;

namespace Titok.Vulkan.Tests.Models;

/// <summary>How many dispatches the published models take with matrix units: at most five a transformer layer.</summary>
public class DispatchCountTests
{
    private const int MostALayer = 5;

    private static readonly KernelProfile s_matrix = new(KernelForm.Matrix, DataType.Float16) { Unit = new MatrixUnit(16, 16, 16, 32, 48 << 10) };

    [Theory]
    [InlineData("generator_titok_l32", "model.encoder.layer.")]
    [InlineData("generator_titok_b64", "model.encoder.layer.")]
    [InlineData("generator_titok_s128", "in_blocks.")]
    public void AGeneratorsLayer(string name, string layer)
    {
        (Checkpoint checkpoint, TitokConfig config, _) = Open(name);
        var spec = GeneratorSpec.Infer(checkpoint, config.Generator!);
        AssertFew(new GeneratorPlans(spec, s_matrix).Step(1, 8, guided: true), layer, exceptions: 1);
    }

    [Theory]
    [InlineData("tokenizer_titok_l32")]
    [InlineData("tokenizer_titok_s128")]
    [InlineData("tokenizer_titok_bl64_vq8k")]
    public void ATokenizersLayer(string name)
    {
        (Checkpoint checkpoint, TitokConfig config, _) = Open(name);
        var spec = TokenizerSpec.Infer(checkpoint, config.Tokenizer!);
        AssertFew(new TokenizerPlans(spec, s_matrix).Encode(1), "encoder.transformer.", exceptions: 0);
        AssertFew(new TokenizerPlans(spec, s_matrix).Decode(1), "decoder.transformer.", exceptions: 0);
    }

    /// <param name="plan">Plan of a network.</param>
    /// <param name="layer">How the labels of a layer's dispatches begin, before its number.</param>
    /// <param name="exceptions">Layers that may take one more: the last of a post-norm network, whose norm drops the class token.</param>
    private static void AssertFew(ExecutionPlan plan, string layer, int exceptions)
    {
        int[] counts =
        [
            .. plan.Dispatches.Where(d => d.Label.StartsWith(layer, StringComparison.Ordinal))
                .GroupBy(d => d.Label[layer.Length..].Split('.')[0]).Select(g => g.Count()),
        ];
        Assert.True(counts.Length >= 8, $"only {counts.Length} layers were found");
        Assert.True(counts.Count(c => c > MostALayer) <= exceptions && counts.Max() <= MostALayer + 1, $"{plan.Name}: {string.Join(", ", counts)} dispatches a layer");
    }

    private static (Checkpoint, TitokConfig, long) Open(string name) =>
        TestFiles.OpenZoo(Path.Combine(AppContext.BaseDirectory, "Zoo", name + ".json"));
}
