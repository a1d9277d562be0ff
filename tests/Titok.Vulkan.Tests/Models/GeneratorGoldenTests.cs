using System.Runtime.InteropServices;
using System.Text.Json;
using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Engine;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Models;
using Titok.Vulkan.Tests.Gpu;

namespace Titok.Vulkan.Tests.Models;

/// <summary>The first step's stages of both golden generators, and every golden decoding run token for token.</summary>
[Collection(GpuCollection.Name)]
public class GeneratorGoldenTests(GpuFixture gpu)
{
    private const int Batch = 2;
    private static readonly uint[] s_classes = [3, 7];
    private static readonly string[] s_vitStages = ["model.embeddings", "model.encoder.layer.0", "model.encoder.layer.1", "model.lm_head"];

    private static readonly string[] s_uvitStages =
    [
        "in_blocks.0", "in_blocks.1", "mid_block", "out_blocks.0.skip_linear", "out_blocks.0", "out_blocks.1.skip_linear", "out_blocks.1", "norm", "lm_head",
    ];

    public static TheoryData<string, string> Stages => new MatrixTheoryData<string, string>(["generator_vit", "generator_uvit"], Profiles.NetworkNames);

    public static TheoryData<string, string, string> Runs => new MatrixTheoryData<string, string, string>(
        ["generator_vit", "generator_uvit"],
        ["greedy_constant", "greedy_linear", "greedy_power_cosine", "sampled_constant", "sampled_linear", "sampled_power_cosine"],
        ["portable-fp32", "uniform-fp32", "lanes-fp32"]);

    [Theory]
    [MemberData(nameof(Stages))]
    public void FirstStep(string name, string profileName)
    {
        GpuDevice device = gpu.Device;
        KernelProfile profile = Profiles.Require(device, profileName);
        using var golden = new GoldenModel(name);
        (Checkpoint checkpoint, GeneratorSpec spec) = golden.Part.OpenGenerator();
        ExecutionPlan plan = new GeneratorPlans(spec, profile).Step(Batch, 1, guided: true, keepStages: true);
        uint[] masked = [.. Enumerable.Repeat((uint)spec.MaskId, Batch * spec.LatentTokens)];
        var settings = new StepSettings[1];
        SamplingSchedule.Fill(new GenerationSettings(1, 1, GuidanceDecay.Constant, GuidancePower: 3, Temperature: 0, Anneal: false), spec.LatentTokens, settings);
        var inputs = new Dictionary<string, byte[]>
        {
            [GeneratorPlans.Ids] = MemoryMarshal.AsBytes(masked.AsSpan()).ToArray(),
            [GeneratorPlans.Classes] = MemoryMarshal.AsBytes(s_classes.AsSpan()).ToArray(),
            [GeneratorPlans.State] = new byte[16],
            [GeneratorPlans.Seeds] = new byte[16],
            [GeneratorPlans.Settings] = MemoryMarshal.AsBytes(settings.AsSpan()).ToArray(),
        };

        GoldenModel.Run(device, plan, checkpoint, inputs, (instance, _) =>
        {
            StageComparison.AssertAll(
                device, plan, instance, golden, profile, s => $"step0.{s}", (name == "generator_vit" ? s_vitStages : s_uvitStages).Select(s => $"step0.{s}"));
            float[] logits = GoldenModel.DownloadFloats(device, instance.StageRange("logits"), DataType.Float32);
            int half = logits.Length / 2;
            double bound = Profiles.StageBound(profile);
            Closeness.AssertRelativeL2("conditional logits", golden.Floats("step0.cond_logits"), logits.AsSpan(0, half), bound);
            Closeness.AssertRelativeL2("unconditional logits", golden.Floats("step0.uncond_logits"), logits.AsSpan(half), bound);
            return 0;
        });
        gpu.AssertNoMessages();
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public void DecodingRun(string name, string run, string profileName)
    {
        GpuDevice device = gpu.Device;
        KernelProfile profile = Profiles.Require(device, profileName);
        using var golden = new GoldenModel(name);
        (Checkpoint checkpoint, GeneratorSpec spec) = golden.Part.OpenGenerator();
        using var runs = JsonDocument.Parse(File.ReadAllText(Path.Combine(golden.Folder, "runs.json")));
        JsonElement settings = runs.RootElement.GetProperty(run);
        int steps = settings.GetProperty("num_sample_steps").GetInt32();
        var preset = new GenerationSettings(
            steps,
            settings.GetProperty("guidance_scale").GetSingle(),
            settings.GetProperty("guidance_decay").GetString() switch
            {
                "constant" => GuidanceDecay.Constant,
                "linear" => GuidanceDecay.Linear,
                _ => GuidanceDecay.PowerCosine,
            },
            GuidancePower: 3,
            settings.GetProperty("randomize_temperature").GetSingle(),
            settings.TryGetProperty("softmax_temperature_annealing", out JsonElement anneal) && anneal.GetBoolean());

        using var engine = new GeneratorEngine(device, spec, profile);
        using (checkpoint)
            engine.LoadWeights(checkpoint, cancellation: TestContext.Current.CancellationToken);
        var inputs = new List<int[]> { Enumerable.Repeat(spec.MaskId, Batch * spec.LatentTokens).ToArray() };
        using var job = new GenerationJob(engine, null, Batch, steps);
        job.Set(new GenerationRequest { Classes = [.. s_classes.Select(c => (int)c)], Seed = settings.GetProperty("seeds")[0].GetUInt64(), Settings = preset }, 0);
        job.RunToEnd(SliceBudget.OfSteps(1), step => inputs.Add(job.Ids(step).ToArray()), TestContext.Current.CancellationToken);

        int[] tokens = job.Ids(steps - 1).ToArray();
        Assert.Equal(inputs[^1], tokens);
        inputs.RemoveAt(inputs.Count - 1);

        // The goldens list each input once: where more steps than tokens were asked for, the last position is masked
        // again and again, and the published code's inputs repeat.
        int[] distinct = [.. WithoutRepeats(inputs).SelectMany(i => i)];
        Assert.Equal(golden.Integers($"{run}.inputs"), distinct);
        Assert.Equal(golden.Integers($"{run}.tokens"), tokens);
        gpu.AssertNoMessages();
    }

    private static IEnumerable<int[]> WithoutRepeats(List<int[]> inputs) =>
        inputs.Where((input, index) => index == 0 || !input.AsSpan().SequenceEqual(inputs[index - 1]));
}
