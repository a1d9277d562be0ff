using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Models;
using Titok.Vulkan.Tests.Checkpoints;

namespace Titok.Vulkan.Tests.Models;

/// <summary>
/// How many dispatches the published models take with matrix units: at most five a transformer layer, and two more where rows are
/// many and who makes them leaves no statistics of them: those are taken once, which measured faster than to go without.
/// </summary>
public class DispatchCountTests
{
    private const int MaxALayer = 5, MaxExtra = 2;

    private static readonly KernelProfile s_matrix = new(KernelForm.Matrix, DataType.Float16) { Unit = new GemmUnit(16, 16, 16, 32, 48 << 10) };

    private static readonly KernelProfile s_warpgroups = s_matrix with
    {
        Unit = new GemmUnit(16, 16, 16, 32, 48 << 10) { MaxSubgroups = 32, WeightFragments = true, WarpgroupOrder = true, Processors = 132, LinearBlocks = (1 << WarpgroupBlock.Linears.Length) - 1 },
    };

    [Theory]
    [InlineData("generator_titok_l32", "model.encoder.layer.", 1)]
    [InlineData("generator_titok_b64", "model.encoder.layer.", 1)]
    [InlineData("generator_titok_s128", "in_blocks.", 0)]
    public void AGeneratorsLayer(string name, string layer, int moreInTheLast)
    {
        (Checkpoint checkpoint, TitokConfig config, _) = TestFiles.OpenZooOf(name);
        var spec = GeneratorSpec.Infer(checkpoint, config.Generator!);
        // The norm behind the last layer of a post-norm network drops the class token, and so is not folded into what reads it.
        AssertFew(new GeneratorPlans(spec, s_matrix).Step(1, 8, guided: true), layer, moreInTheLast);
        AssertFew(new GeneratorPlans(spec, s_matrix with { Int8Weights = true }).Step(1, 8, guided: true), layer, moreInTheLast);
        // The warpgroup kernels leave all statistics: those of the first rows alone, which no linear layer makes, are taken by themselves.
        foreach (int batch in (int[])[1, 64])
            AssertFew(new GeneratorPlans(spec, s_warpgroups).Step(batch, 8, guided: true), layer, moreInTheLast, extraInAll: 1);
    }

    [Theory]
    [InlineData("tokenizer_titok_l32")]
    [InlineData("tokenizer_titok_s128")]
    [InlineData("tokenizer_titok_bl64_vq8k")]
    public void ATokenizersLayer(string name)
    {
        (Checkpoint checkpoint, TitokConfig config, _) = TestFiles.OpenZooOf(name);
        var spec = TokenizerSpec.Infer(checkpoint, config.Tokenizer!);
        // Tokens that nobody reads end in the last layer: the others are copied from among them twice.
        AssertFew(new TokenizerPlans(spec, s_matrix).Encode(1), "encoder.transformer.", moreInTheLast: 2);
        AssertFew(new TokenizerPlans(spec, s_matrix).Decode(1), "decoder.transformer.", moreInTheLast: 2);
    }

    /// <summary>
    /// With convolutions by their transform, a group norm is a pass of its own only in front of the last convolution, which is
    /// of three channels, and its statistics are one only behind what is no such convolution: the four that double the
    /// picture, and the two shortcuts of blocks whose channels change.
    /// </summary>
    [Fact]
    public void APixelDecodersNormsOnTheWay()
    {
        (Checkpoint checkpoint, TitokConfig config, _) = TestFiles.OpenZooOf("tokenizer_titok_l32");
        ExecutionPlan plan = new TokenizerPlans(TokenizerSpec.Infer(checkpoint, config.Tokenizer!), new KernelProfile(KernelForm.CpuUniform, DataType.Float32)).Decode(1);
        Assert.Equal(["pixel_decoder.norm_out"], plan.Dispatches.Where(d => d.Call.Program.StartsWith("group_norm_quads", StringComparison.Ordinal)).Select(d => d.Label));
        Assert.Equal(6, plan.Dispatches.Count(d => d.Call.Program.StartsWith("group_norm_partial", StringComparison.Ordinal)));
    }

    /// <param name="plan">Plan of a network.</param>
    /// <param name="layer">How the labels of a layer's dispatches begin, before its number.</param>
    /// <param name="moreInTheLast">What the last layer may take beside.</param>
    /// <param name="extraInAll">Statistics that all layers may take together.</param>
    private static void AssertFew(ExecutionPlan plan, string layer, int moreInTheLast, int extraInAll = int.MaxValue)
    {
        (int All, int Extra)[] counts =
        [
            .. plan.Dispatches.Where(d => d.Label.StartsWith(layer, StringComparison.Ordinal))
                .GroupBy(d => d.Label[layer.Length..].Split('.')[0]).Select(g => (g.Count(), g.Count(d => IsExtra(d.Label)))),
        ];
        Assert.True(counts.Length >= 8, $"only {counts.Length} layers were found");
        Assert.True(
            counts[..^1].All(c => c.All - c.Extra <= MaxALayer) && counts[^1].All - counts[^1].Extra <= MaxALayer + moreInTheLast && counts.All(c => c.Extra <= MaxExtra),
            $"{plan.Name}: {string.Join(", ", counts)} dispatches a layer");
        Assert.True(counts.Sum(c => c.Extra) <= extraInAll, $"{plan.Name}: {string.Join(", ", counts)} dispatches a layer");
    }

    private static bool IsExtra(string label) => label.EndsWith(".statistics", StringComparison.Ordinal);
}
