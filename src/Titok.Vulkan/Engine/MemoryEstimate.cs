using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Models;

namespace Titok.Vulkan.Engine;

/// <summary>The memory that a model will take, from its plans alone.</summary>
internal static class MemoryEstimate
{
    public static TitokMemoryNeed Of(TokenizerSpec spec, TitokPrecision precision)
    {
        var plans = new TokenizerPlans(spec, Profile(precision));
        return spec.Kind == TokenizerKind.Vae
            ? Of(plans.EncodeLatents(1, sample: false), plans.DecodeLatents(1))
            : Of(plans.Encode(1), plans.Decode(1));
    }

    public static TitokMemoryNeed Of(GeneratorSpec spec, TitokPrecision precision, TitokGeneratorWeights weights = TitokGeneratorWeights.Auto) =>
        Of(new GeneratorPlans(spec, Profile(precision) with { Int8Weights = weights == TitokGeneratorWeights.Int8 }).Step(1, GenerationSettings.MaxSteps, guided: true));

    private static TitokMemoryNeed Of(params ReadOnlySpan<ExecutionPlan> plans)
    {
        var weights = new Dictionary<string, long>();
        long workInBytes = 0;
        foreach (ExecutionPlan plan in plans)
        {
            foreach (WeightRequest weight in plan.Weights.Select(w => w.Weight!))
                weights[weight.Key] = ArenaPlanner.Align(weight.Count * weight.Type.SizeInBytes());
            // What goes in and out lies on the device, and once more where the host reads or writes it.
            workInBytes += plan.ArenaSizeInBytes + 2 * plan.Externals.Sum(e => ArenaPlanner.Align(e.SizeInBytes));
        }
        return new TitokMemoryNeed(weights.Values.Sum(), workInBytes);
    }

    private static KernelProfile Profile(TitokPrecision precision) =>
        new(KernelForm.Portable, precision == TitokPrecision.Fp16 ? DataType.Float16 : DataType.Float32);
}
