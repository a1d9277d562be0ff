using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Engine;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Models;
using Titok.Vulkan.Tests.Checkpoints;

namespace Titok.Vulkan.Tests.Engine;

/// <summary>How many pictures a tokenizer and a generator take at a time: as many as fit a binding in every one of its dispatches.</summary>
public class BatchTests
{
    private const long Small = 128L << 20, Large = (4L << 30) - 1;

    /// <summary>The least that Vulkan asks for, and what CPU drivers have; what large GPUs have.</summary>
    private static readonly Dictionary<string, (TitokDeviceType Type, long BindingInBytes, KernelProfile Profile)> s_devices = new()
    {
        ["cpu"] = (TitokDeviceType.Cpu, Small, new KernelProfile(KernelForm.CpuUniform, DataType.Float32)),
        ["small gpu"] = (TitokDeviceType.Integrated, Small, new KernelProfile(KernelForm.Portable, DataType.Float32)),
        ["gpu without matrix units"] = (TitokDeviceType.Discrete, Large, new KernelProfile(KernelForm.Portable, DataType.Float16)),
        ["large gpu"] = (TitokDeviceType.Discrete, Large, new KernelProfile(KernelForm.Matrix, DataType.Float16) { Unit = new GemmUnit(16, 16, 16, 32, 48 << 10) }),
    };

    [Theory]
    [InlineData("tokenizer_titok_l32", "cpu", 16, 1)]
    [InlineData("tokenizer_titok_l32", "small gpu", 16, 1)]
    [InlineData("tokenizer_titok_l32", "gpu without matrix units", 16, 2)]
    [InlineData("tokenizer_titok_l32", "large gpu", 64, 16)]
    [InlineData("tokenizer_titok_sl256_vq8k", "small gpu", 15, 16)]
    [InlineData("tokenizer_titok_ll32_vae_c16", "large gpu", 64, 16)]
    public void EveryTensorOfATokenizerFitsABinding(string name, string device, int pictures, int inPixelDecoder)
    {
        (TitokDeviceType type, long bindingInBytes, KernelProfile profile) = s_devices[device];
        (Checkpoint checkpoint, TitokConfig config, _) = TestFiles.OpenZooOf(name);
        var spec = TokenizerSpec.Infer(checkpoint, config.Tokenizer!);
        var batch = TokenizerBatch.ThatFits(Device(device, type, bindingInBytes), spec, profile);
        Assert.Equal(new TokenizerBatch(pictures, inPixelDecoder), batch);

        var plans = new TokenizerPlans(spec, profile, batch.InPixelDecoder);
        bool isVae = spec.Kind == TokenizerKind.Vae;
        ExecutionPlan decode = isVae ? plans.DecodeLatents(batch.Pictures) : plans.Decode(batch.Pictures);
        ExecutionPlan encode = isVae ? plans.EncodeLatents(batch.Pictures, sample: true) : plans.Encode(batch.Pictures);
        AssertFits(decode, bindingInBytes);
        AssertFits(encode, bindingInBytes);
        Assert.InRange(decode.ArenaSizeInBytes, 1, 1L << 30);
    }

    [Theory]
    [InlineData("generator_titok_l32", 128L << 20, 64)]
    [InlineData("generator_titok_b64", 128L << 20, 64)]
    [InlineData("generator_titok_s128", 128L << 20, 31)]
    [InlineData("generator_titok_s128", 4L << 30, 64)]
    public void EveryTensorOfAGeneratorFitsABinding(string name, long bindingInBytes, int pictures)
    {
        (Checkpoint checkpoint, TitokConfig config, _) = TestFiles.OpenZooOf(name);
        var spec = GeneratorSpec.Infer(checkpoint, config.Generator!);
        var profile = new KernelProfile(KernelForm.Portable, DataType.Float32);
        Assert.Equal(pictures, GeneratorEngine.MaxPictures(bindingInBytes, 64, spec, profile));
        AssertFits(new GeneratorPlans(spec, profile).Step(pictures, 1, guided: true), bindingInBytes);
    }

    /// <summary>Of published models it is a hidden layer that is the widest, and a map of the last stage.</summary>
    [Fact]
    public void AnyLayerMayBeTheWidest()
    {
        var portable = new KernelProfile(KernelForm.Portable, DataType.Float32);
        GeneratorSpec queries = PublishedPair.Find("S-128").Generator with { Intermediate = 64, CodebookSize = 16 };
        AssertFits(new GeneratorPlans(queries, portable).Step(GeneratorEngine.MaxPictures(Small, 64, queries, portable), 1, guided: true), Small);

        TokenizerSpec published = PublishedPair.Find("L-32").Tokenizer;
        PixelDecoderSpec pixels = published.PixelDecoder!;
        TokenizerSpec logits = published with { PixelDecoder = pixels with { Codes = 1 << 15 } };
        TokenizerSpec narrowed = published with { PixelDecoder = pixels with { Stages = [.. pixels.Stages[..^1], pixels.Stages[^1] with { OutChannels = 32 }] } };
        foreach (TokenizerSpec spec in (TokenizerSpec[])[logits, narrowed])
        {
            var profile = s_devices["large gpu"].Profile;
            var batch = TokenizerBatch.ThatFits(Device("gpu with small bindings", TitokDeviceType.Discrete, Small), spec, profile);
            AssertFits(new TokenizerPlans(spec, profile, batch.InPixelDecoder).Decode(batch.Pictures), Small);
        }
    }

    private static GpuPhysicalDevice Device(string name, TitokDeviceType type, long bindingInBytes) => new()
    {
        Index = 0,
        Name = name,
        Driver = "driver",
        Type = type,
        ApiVersion = 0x00402000,
        Limits = new GpuLimits { MaxStorageBufferRangeInBytes = bindingInBytes },
        Features = new GpuFeatures(),
    };

    private static void AssertFits(ExecutionPlan plan, long bindingInBytes)
    {
        foreach (Dispatch dispatch in plan.Dispatches)
        {
            foreach (Tensor tensor in dispatch.Call.Bindings.Select(b => b.Tensor))
                Assert.True(tensor.SizeInBytes <= bindingInBytes, $"{dispatch.Label}: {tensor} takes {tensor.SizeInBytes} bytes");
        }
    }
}
