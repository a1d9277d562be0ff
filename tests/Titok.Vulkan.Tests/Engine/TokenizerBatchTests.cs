using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Engine;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Models;
using Titok.Vulkan.Tests.Checkpoints;

namespace Titok.Vulkan.Tests.Engine;

/// <summary>How many pictures a tokenizer takes at a time: as many as fit a binding in every one of its dispatches.</summary>
public class TokenizerBatchTests
{
    private const long Small = 128L << 20, Large = (4L << 30) - 1;

    /// <summary>The least that Vulkan asks for, and what CPU drivers have; what large GPUs have.</summary>
    private static readonly Dictionary<string, (GpuDeviceType Type, long BindingInBytes, KernelProfile Profile)> s_devices = new()
    {
        ["cpu"] = (GpuDeviceType.Cpu, Small, new KernelProfile(KernelForm.CpuUniform, DataType.Float32)),
        ["small gpu"] = (GpuDeviceType.Integrated, Small, new KernelProfile(KernelForm.Portable, DataType.Float32)),
        ["large gpu"] = (GpuDeviceType.Discrete, Large, new KernelProfile(KernelForm.Matrix, DataType.Float16) { Unit = new MatrixUnit(16, 16, 16, 32, 48 << 10) }),
    };

    [Theory]
    [InlineData("tokenizer_titok_l32", "cpu", 16, 1)]
    [InlineData("tokenizer_titok_l32", "small gpu", 16, 4)]
    [InlineData("tokenizer_titok_l32", "large gpu", 64, 16)]
    [InlineData("tokenizer_titok_sl256_vq8k", "small gpu", 15, 16)]
    [InlineData("tokenizer_titok_ll32_vae_c16", "large gpu", 64, 16)]
    public void EveryTensorFitsABinding(string name, string device, int pictures, int inPixelDecoder)
    {
        (GpuDeviceType type, long bindingInBytes, KernelProfile profile) = s_devices[device];
        (Checkpoint checkpoint, TitokConfig config, _) = TestFiles.OpenZoo(Path.Combine(AppContext.BaseDirectory, "Zoo", name + ".json"));
        var spec = TokenizerSpec.Infer(checkpoint, config.Tokenizer!);
        var physical = new GpuPhysicalDevice
        {
            Index = 0,
            Name = device,
            Driver = "driver",
            Type = type,
            ApiVersion = 0x00402000,
            Limits = new GpuLimits { MaxStorageBufferRangeInBytes = bindingInBytes },
            Features = new GpuFeatures(),
        };
        var batch = TokenizerBatch.ThatFits(physical, spec, profile);
        Assert.Equal(new TokenizerBatch(pictures, inPixelDecoder), batch);

        var plans = new TokenizerPlans(spec, profile, batch.InPixelDecoder);
        bool isVae = spec.Kind == TokenizerKind.Vae;
        ExecutionPlan decode = isVae ? plans.DecodeLatents(batch.Pictures) : plans.Decode(batch.Pictures);
        ExecutionPlan encode = isVae ? plans.EncodeLatents(batch.Pictures, sample: true) : plans.Encode(batch.Pictures);
        foreach (Dispatch dispatch in decode.Dispatches.Concat(encode.Dispatches))
        {
            foreach (Tensor tensor in dispatch.Call.Bindings.Select(b => b.Tensor))
                Assert.True(tensor.SizeInBytes <= bindingInBytes, $"{dispatch.Label}: {tensor} takes {tensor.SizeInBytes} bytes");
        }
        Assert.InRange(decode.ArenaSizeInBytes, 1, 1L << 30);
    }
}
