using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Models;

namespace Titok.Vulkan.Engine;

/// <summary>The memory that a model will take, from its plans alone.</summary>
internal static class MemoryEstimate
{
    public static TitokMemoryNeed Of(TokenizerSpec spec, KernelProfile profile)
    {
        var plans = new TokenizerPlans(spec, profile);
        return spec.IsVae
            ? Of(plans.EncodeLatents(1, sample: false), plans.DecodeLatents(1))
            : Of(plans.Encode(1), plans.Decode(1));
    }

    public static TitokMemoryNeed Of(GeneratorSpec spec, KernelProfile profile, TitokGeneratorWeights weights = TitokGeneratorWeights.Auto) =>
        Of(new GeneratorPlans(spec, profile with { Int8Weights = weights == TitokGeneratorWeights.Int8 }).Step(1, GenerationSettings.MaxSteps, guided: true));

    /// <summary>The portable kernels in a precision, for whoever has no device yet.</summary>
    public static KernelProfile Portable(TitokPrecision precision) =>
        new(KernelForm.Portable, EnumValue.Defined(precision, nameof(precision)) == TitokPrecision.Fp16 ? DataType.Float16 : DataType.Float32);

    private static TitokMemoryNeed Of(params ReadOnlySpan<ExecutionPlan> plans)
    {
        var weights = new Dictionary<string, long>();
        long workInBytes = 0;
        foreach (ExecutionPlan plan in plans)
        {
            foreach (WeightRequest weight in plan.Weights.Select(w => w.Weight!))
                weights[weight.Key] = ArenaPlanner.Align(weight.Count * weight.Type.SizeInBytes());
            // What goes in and out lies on the device, and once more where the CPU reads or writes it.
            workInBytes += plan.ArenaSizeInBytes + 2 * plan.Externals.Sum(e => ArenaPlanner.Align(e.SizeInBytes));
        }
        return new TitokMemoryNeed(weights.Values.Sum(), workInBytes);
    }
}
