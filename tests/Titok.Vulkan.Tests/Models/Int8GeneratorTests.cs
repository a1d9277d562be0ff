using System.Runtime.InteropServices;
using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Models;
using Titok.Vulkan.Tests.Engine;
using Titok.Vulkan.Tests.Gpu;

namespace Titok.Vulkan.Tests.Models;

/// <summary>What int8 weights do to generators, beside the same weights as they are.</summary>
[Collection(GpuCollection.Name)]
public class Int8GeneratorTests(GpuFixture gpu)
{
    private static readonly string s_sprites = Path.Combine(AppContext.BaseDirectory, "models", "sprites");

    /// <summary>Every model by every form, but for matrix units only one: a CPU driver takes some 20 seconds to build a model's kernels for them.</summary>
    public static TheoryData<string, string> Models =>
    [
        .. from model in new[] { "sprites", "generator_vit", "generator_uvit" }
           from profile in Profiles.Names
           where model == "generator_vit" || !profile.StartsWith("matrix", StringComparison.Ordinal)
           select (model, profile),
    ];

    /// <summary>
    /// A rounded weight is off by 0.29 scales in the mean, a scale is a 127th of a row's largest, and that is some three to four
    /// deviations of normally distributed weights: so a layer's output is off by about a hundredth. What layers add to a stream
    /// adds up like noise, and so do their errors: logits are about a hundredth off, too. Not so where a stream passes a layer as
    /// a whole, as behind every long skip. Measured: 0.0069 (sprites), 0.0095 (vit), 0.021 (uvit); the bound is half as much again.
    /// Less than a thousandth would be no int8.
    /// </summary>
    [Theory]
    [MemberData(nameof(Models))]
    public void LogitsOfTheFirstStep(string model, string profileName)
    {
        KernelProfile profile = Profiles.Require(gpu.Device, profileName);
        double relative = Closeness.RelativeL2(Logits(model, profile), Logits(model, profile with { Int8Weights = true }));
        Assert.InRange(relative, 0.001, model switch
        {
            "sprites" => 0.0105,
            "generator_vit" => 0.0145,
            _ => 0.0315,
        });
        gpu.AssertNoMessages();
    }

    /// <summary>
    /// At the model's own settings: where two tokens are nearly as likely the other one may be drawn, and what follows in that
    /// picture goes by it. Measured: 84 % of these as with fp32 weights (90 % of 64 pictures); the bound allows twice the difference.
    /// Some have to differ.
    /// </summary>
    [Fact]
    public void TokensOfWholePictures()
    {
        using TitokDevice device = TestDevice.Open();
        int[] exact = Generate(device, TitokGeneratorWeights.Auto), rounded = Generate(device, TitokGeneratorWeights.Int8);
        Assert.InRange(exact.Zip(rounded).Count(pair => pair.First == pair.Second) / (double)exact.Length, 0.68, 0.999);
        TestDevice.AssertNoMessages(device);
    }

    private static int[] Generate(TitokDevice device, TitokGeneratorWeights weights)
    {
        using TitokGenerator generator = TitokGenerator.Load(device, s_sprites, TestLoad.Fp32 with { GeneratorWeights = weights });
        Assert.Equal(weights == TitokGeneratorWeights.Int8 ? "int8" : "fp32", generator.Info.WeightPrecision);
        return generator.Generate(new GenerationRequest
        {
            Classes = [.. Enumerable.Range(0, 24).Select(i => i % generator.Info.Classes)],
            Seed = 7,
            Settings = generator.PublishedSettings!,
        });
    }

    private float[] Logits(string model, KernelProfile profile)
    {
        const int batch = 8;
        ModelPart part = model == "sprites" ? ModelFolder.Open(s_sprites).RequireGenerator() : GoldenModel.OpenPart(model);
        (Checkpoint checkpoint, GeneratorSpec spec) = part.OpenGenerator();
        ExecutionPlan plan = new GeneratorPlans(spec, profile).Step(batch, 1, guided: true, keepStages: true);
        uint[] masked = [.. Enumerable.Repeat((uint)spec.MaskId, batch * spec.LatentTokens)];
        uint[] classes = [.. Enumerable.Range(0, batch).Select(i => (uint)i)];
        var settings = new StepSettings[1];
        SamplingSchedule.Fill(new GenerationSettings(1, 1, GuidanceDecay.Constant, GuidancePower: 3, Temperature: 0, Anneal: false), spec.LatentTokens, settings);
        var inputs = new Dictionary<string, byte[]>
        {
            [GeneratorPlans.Ids] = MemoryMarshal.AsBytes(masked.AsSpan()).ToArray(),
            [GeneratorPlans.Classes] = MemoryMarshal.AsBytes(classes.AsSpan()).ToArray(),
            [GeneratorPlans.State] = new byte[16],
            [GeneratorPlans.Seeds] = new byte[8 * batch],
            [GeneratorPlans.Settings] = MemoryMarshal.AsBytes(settings.AsSpan()).ToArray(),
        };
        return GoldenModel.Run(
            gpu.Device, plan, checkpoint, inputs, (instance, _) => GoldenModel.DownloadFloats(gpu.Device, instance.StageRange("logits"), DataType.Float32));
    }
}
