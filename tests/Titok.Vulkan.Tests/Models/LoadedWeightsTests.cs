using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Models;
using Titok.Vulkan.Tests.Checkpoints;

namespace Titok.Vulkan.Tests.Models;

/// <summary>Loading a model loads all that any request will want of its files, which are closed then.</summary>
public class LoadedWeightsTests
{
    private static readonly GemmUnit s_unit = new(16, 16, 16, 32, 48 << 10);

    private static readonly KernelProfile[] s_profiles =
    [
        .. Enum.GetValues<KernelForm>().Where(form => form is not (KernelForm.Matrix or KernelForm.MultiplyAdd))
            .SelectMany(form => (KernelProfile[])[new(form, DataType.Float32), new(form, DataType.Float16)]),
        KernelProfile.Of(GemmUnit.OfMultiplyAdds(32 << 10, 1024)),
        KernelProfile.Of(s_unit),
        KernelProfile.Of(s_unit with { Convolution = false }),
        KernelProfile.Of(s_unit.WithFragments(true) with { MaxSubgroups = 32, Processors = 132 }),
        KernelProfile.Of(s_unit.WithFragments(true) with
        {
            MaxSubgroups = 32,
            WarpgroupOrder = true,
            Processors = 132,
            LinearBlocks = (1 << WarpgroupBlock.Linears.Length) - 1,
            ConvolutionBlocks = (1 << WarpgroupBlock.Convolutions.Length) - 1,
        }),
    ];

    private static readonly int[] s_batches = [1, 2, 3, 5, 8, 16, 17, 64];

    [Theory]
    [InlineData("generator_titok_l32")]
    [InlineData("generator_titok_b64")]
    [InlineData("generator_titok_s128")]
    public void OfAGenerator(string name)
    {
        (Checkpoint checkpoint, TitokConfig config, _) = TestFiles.OpenZooOf(name);
        var spec = GeneratorSpec.Infer(checkpoint, config.Generator!);
        foreach (KernelProfile profile in s_profiles.SelectMany(p => (KernelProfile[])[p, p with { Int8Weights = true }]))
        {
            var plans = new GeneratorPlans(spec, profile);
            HashSet<string> loaded = Keys(plans.Step(1, 1, guided: true));
            foreach (int batch in s_batches)
            {
                foreach (bool guided in (bool[])[true, false])
                    AssertHas(loaded, plans.Step(batch, 8, guided), profile, batch);
            }
        }
    }

    [Theory]
    [InlineData("tokenizer_titok_l32")]
    [InlineData("tokenizer_titok_s128")]
    [InlineData("tokenizer_titok_bl64_vq8k")]
    [InlineData("tokenizer_titok_bl64_vae_c16")]
    public void OfATokenizer(string name)
    {
        (Checkpoint checkpoint, TitokConfig config, _) = TestFiles.OpenZooOf(name);
        var spec = TokenizerSpec.Infer(checkpoint, config.Tokenizer!);
        foreach (KernelProfile profile in s_profiles)
        {
            var plans = new TokenizerPlans(spec, profile);
            Func<int, ExecutionPlan>[] works = spec.Kind == TokenizerKind.Vae
                ? [n => plans.EncodeLatents(n, sample: false), n => plans.DecodeLatents(n), n => plans.EncodeLatents(n, sample: true)]
                : [n => plans.Encode(n), n => plans.Decode(n)];
            HashSet<string> loaded = [.. Keys(works[0](1)), .. Keys(works[1](1))];
            foreach (int batch in s_batches)
            {
                foreach (Func<int, ExecutionPlan> work in works)
                    AssertHas(loaded, work(batch), profile, batch);
            }
        }
    }

    private static HashSet<string> Keys(ExecutionPlan plan) => [.. plan.Weights.Select(w => w.Weight!.Key)];

    private static void AssertHas(HashSet<string> loaded, ExecutionPlan plan, KernelProfile profile, int batch)
    {
        string[] more = [.. Keys(plan).Except(loaded)];
        Assert.True(more.Length == 0, $"{plan.Name} of {batch} by {profile} also wants {string.Join(", ", more)}");
    }
}
