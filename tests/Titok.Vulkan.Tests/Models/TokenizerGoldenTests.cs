using System.Runtime.InteropServices;
using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Models;
using Titok.Vulkan.Tests.Gpu;

namespace Titok.Vulkan.Tests.Models;

/// <summary>Every stage of every golden tokenizer against what the published code computes.</summary>
[Collection(GpuCollection.Name)]
public class TokenizerGoldenTests(GpuFixture gpu)
{
    private const int Batch = 2;

    private static readonly string[] s_encoderStages =
    [
        "encoder.patch_embed", "encoder.ln_pre", .. Blocks("encoder", "", ".ln_1", ".ln_2", ".mlp.gelu"), "encoder.ln_post", "encoder.conv_out",
    ];

    private static readonly string[] s_decoderStages =
        ["decoder.decoder_embed", "decoder.ln_pre", .. Blocks("decoder", "", ".ln_1", ".ln_2"), "decoder.ln_post", "decoder.ffn.1"];

    private static readonly string[] s_pixelHeadStages = ["decoder.conv_out"];

    private static readonly string[] s_pixelDecoderStages =
    [
        "decoder.ffn.2", "pixel_decoder.conv_in", "pixel_decoder.mid.0", "pixel_decoder.mid.1",
        .. Enumerable.Range(0, 5).Select(level => $"pixel_decoder.up.{level}"), "pixel_decoder.conv_out",
    ];

    public static TheoryData<string, string> Cases => new MatrixTheoryData<string, string>(
        ["tokenizer_legacy", "tokenizer_vq", "tokenizer_vae"], Profiles.NetworkNames);

    public static TheoryData<string> AllProfiles => [.. Profiles.Names];

    /// <summary>Not the matrix kernels, which take a CPU driver half a minute to build, and are bound to memory as the portable ones.</summary>
    public static TheoryData<string> OtherProfiles => [.. Profiles.Names.Where(name => !name.StartsWith("matrix", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Cases))]
    public void EncoderStages(string name, string profileName)
    {
        GpuDevice device = gpu.Device;
        KernelProfile profile = Profiles.Require(device, profileName);
        using var golden = new GoldenModel(name);
        (Checkpoint checkpoint, TokenizerSpec spec) = golden.Part.OpenTokenizer();
        var plans = new TokenizerPlans(spec, profile);
        bool vae = spec.Kind == TokenizerKind.Vae;
        ExecutionPlan plan = vae ? plans.EncodeLatents(Batch, sample: false, keepStages: true) : plans.Encode(Batch, keepStages: true);

        GoldenModel.Run(device, plan, checkpoint, Inputs(TokenizerPlans.Image, golden.Floats("image")), (instance, buffers) =>
        {
            StageComparison.AssertAll(device, plan, instance, golden, profile, s => s, s_encoderStages);
            if (vae)
            {
                float[] mean = GoldenModel.DownloadFloats(device, Whole(buffers, plan, TokenizerPlans.Latents), DataType.Float32);
                float[] expected = GoldenLayout.ChannelsLast(golden.Floats("mean"), Batch, spec.TokenSize, spec.LatentTokens);
                Closeness.AssertRelativeL2("mean", expected, mean, Profiles.StageBound(profile));
            }
            else if (profile.Activation == DataType.Float32)
            {
                int[] ids = new int[Batch * spec.LatentTokens];
                device.Download(buffers[TokenizerPlans.Ids], 0, MemoryMarshal.AsBytes(ids.AsSpan()));
                Assert.Equal(golden.Integers("tokens"), ids);
            }
            return 0;
        });
        gpu.AssertNoMessages();
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void DecoderStages(string name, string profileName)
    {
        GpuDevice device = gpu.Device;
        KernelProfile profile = Profiles.Require(device, profileName);
        using var golden = new GoldenModel(name);
        (Checkpoint checkpoint, TokenizerSpec spec) = golden.Part.OpenTokenizer();
        var plans = new TokenizerPlans(spec, profile);
        bool vae = spec.Kind == TokenizerKind.Vae;
        ExecutionPlan plan = vae ? plans.DecodeLatents(Batch, keepStages: true) : plans.Decode(Batch, keepStages: true);
        Dictionary<string, byte[]> inputs = vae
            ? Inputs(TokenizerPlans.Latents, GoldenLayout.ChannelsLast(golden.Floats("mean"), Batch, spec.TokenSize, spec.LatentTokens))
            : Inputs(TokenizerPlans.Ids, golden.Integers("tokens"));

        GoldenModel.Run(device, plan, checkpoint, inputs, (instance, buffers) =>
        {
            StageComparison.AssertAll(device, plan, instance, golden, profile, s => s, [.. s_decoderStages, .. spec.PixelDecoder is null ? s_pixelHeadStages : s_pixelDecoderStages]);
            float[] decoded = GoldenModel.DownloadFloats(device, Whole(buffers, plan, TokenizerPlans.Image), DataType.Float32);
            float[] expected = golden.Floats("decoded");
            Closeness.AssertRelativeL2("decoded", expected, decoded, Profiles.StageBound(profile));
            double psnr = Closeness.PsnrInDecibels(expected, decoded);
            Assert.True(psnr >= 45, $"PSNR {psnr:f1} dB is below 45 dB");
            return 0;
        });
        gpu.AssertNoMessages();
    }

    /// <summary>Mean and deviation are the golden's, the noise that of the reference.</summary>
    [Theory]
    [MemberData(nameof(AllProfiles))]
    public void VaeSamplesAroundItsMean(string profileName)
    {
        const ulong Seed = 42;
        GpuDevice device = gpu.Device;
        KernelProfile profile = Profiles.Require(device, profileName);
        using var golden = new GoldenModel("tokenizer_vae");
        (Checkpoint checkpoint, TokenizerSpec spec) = golden.Part.OpenTokenizer();
        ExecutionPlan plan = new TokenizerPlans(spec, profile).EncodeLatents(Batch, sample: true);
        Dictionary<string, byte[]> inputs = Inputs(TokenizerPlans.Image, golden.Floats("image"));
        inputs.Add(TokenizerPlans.Seeds, MemoryMarshal.AsBytes(Enumerable.Range(0, Batch).Select(i => Seed + (ulong)i).ToArray().AsSpan()).ToArray());

        float[] latents = GoldenModel.Run(
            device, plan, checkpoint, inputs, (_, buffers) => GoldenModel.DownloadFloats(device, Whole(buffers, plan, TokenizerPlans.Latents), DataType.Float32));
        float[] mean = Latents("mean"), logvar = Latents("logvar");
        float[] parameters =
            [.. Enumerable.Range(0, Batch * spec.LatentTokens).SelectMany(row => (float[])[.. Row(mean, row), .. Row(logvar, row)])];
        float[] expected = Reference.VaeSample.Apply(parameters, Batch, spec.LatentTokens, spec.TokenSize, Seed);
        Closeness.AssertRelativeL2("latents", expected, latents, Profiles.StageBound(profile));
        gpu.AssertNoMessages();

        float[] Latents(string name) => GoldenLayout.ChannelsLast(golden.Floats(name), Batch, spec.TokenSize, spec.LatentTokens);
        ReadOnlySpan<float> Row(float[] data, int row) => data.AsSpan(row * spec.TokenSize, spec.TokenSize);
    }

    /// <summary>A batch's pictures may go through the pixel decoder one after the other.</summary>
    [Theory]
    [MemberData(nameof(OtherProfiles))]
    public void PicturesDecodedApartAreThoseDecodedTogether(string profileName)
    {
        GpuDevice device = gpu.Device;
        KernelProfile profile = Profiles.Require(device, profileName);
        using var golden = new GoldenModel("tokenizer_legacy");
        (Checkpoint checkpoint, TokenizerSpec spec) = golden.Part.OpenTokenizer();
        ExecutionPlan plan = new TokenizerPlans(spec, profile, pixelBatch: 1).Decode(Batch);
        Assert.Equal(Batch, plan.Dispatches.Count(d => d.Label == "pixel_decoder.conv_out"));

        float[] decoded = GoldenModel.Run(
            device, plan, checkpoint, Inputs(TokenizerPlans.Ids, golden.Integers("tokens")),
            (_, buffers) => GoldenModel.DownloadFloats(device, Whole(buffers, plan, TokenizerPlans.Image), DataType.Float32));
        Closeness.AssertRelativeL2("decoded", golden.Floats("decoded"), decoded, Profiles.StageBound(profile));
        gpu.AssertNoMessages();
    }

    private static IEnumerable<string> Blocks(string network, params string[] stages) =>
        Enumerable.Range(0, 2).SelectMany(block => stages.Select(stage => $"{network}.transformer.{block}{stage}"));

    private static Dictionary<string, byte[]> Inputs<T>(string name, T[] data)
        where T : unmanaged =>
        new() { [name] = MemoryMarshal.AsBytes(data.AsSpan()).ToArray() };

    private static GpuBufferRange Whole(IReadOnlyDictionary<string, GpuBuffer> buffers, ExecutionPlan plan, string name) =>
        new(buffers[name], 0, plan.Externals.Single(e => e.Name == name).SizeInBytes);
}
