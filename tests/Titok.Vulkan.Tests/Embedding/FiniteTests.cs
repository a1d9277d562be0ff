using System.Runtime.InteropServices;
using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Tests.Checkpoints;
using Titok.Vulkan.Tests.Cli;
using Titok.Vulkan.Tests.Engine;
using Titok.Vulkan.Tests.Gpu;

namespace Titok.Vulkan.Tests.Embedding;

/// <summary>Numbers that are none, in weights, in what is given and in what comes out.</summary>
[Collection(GpuCollection.Name)]
public sealed class FiniteTests(CliModel model) : IClassFixture<CliModel>
{
    private static readonly GenerationRequest s_request = new() { Classes = [1], Settings = GenerationSettings.Demo with { Steps = 1 } };

    [Theory]
    [InlineData("tokenizer", "decoder.class_embedding", float.NaN)]
    [InlineData("tokenizer", "encoder.transformer.1.mlp.c_fc.weight", float.PositiveInfinity)]
    [InlineData("generator", "model.lm_head.weight", float.NaN)]
    public void AWeightThatIsNoneIsNamed(string part, string tensor, float value)
    {
        using TemporaryFolder folder = With(part, tensor, value);
        using TitokDevice device = TestDevice.Open();
        ModelFormatException e = Assert.Throws<ModelFormatException>(() => TitokPipeline.Load(device, folder["model"], TestLoad.Fp32));
        Assert.Equal(folder["model", part, "model.safetensors"], e.File);
        Assert.Contains($"tensor '{tensor}' holds {value:G6} at element 3, expected finite numbers", e.Message, StringComparison.Ordinal);
        Assert.Equal(0, device.MemoryInUseInBytes);
        TestDevice.AssertNoMessages(device);
    }

    [Fact]
    public void AWeightThatHalvesDoNotHoldIsNamed()
    {
        using TemporaryFolder folder = With("tokenizer", "encoder.transformer.1.mlp.c_fc.weight", 1e6f);
        using TitokDevice device = TestDevice.Open();
        Assert.SkipUnless(device.Gpu.Physical.Features.Storage16Bit, $"{device.Info.Name} has no 16-bit storage");
        TitokPipeline.Load(device, folder["model"], TestLoad.Fp32).Dispose();
        ModelFormatException e = Assert.Throws<ModelFormatException>(() => TitokPipeline.Load(device, folder["model"], new TitokLoadOptions { Precision = TitokPrecision.Fp16 }));
        Assert.Contains("tensor 'encoder.transformer.1.mlp.c_fc.weight' holds 1E+06 at element 3, which fp16 can't hold", e.Message, StringComparison.Ordinal);
    }

    /// <summary>Kept in fp32, as all vectors are, and too much for activations.</summary>
    [Fact]
    public void PicturesThatOverflowAreNotReturned()
    {
        using TemporaryFolder folder = With("tokenizer", "decoder.class_embedding", 1e6f);
        using TitokDevice device = TestDevice.Open();
        Assert.SkipUnless(device.Gpu.Physical.Features.Storage16Bit, $"{device.Info.Name} has no 16-bit storage");
        using (TitokPipeline single = TitokPipeline.Load(device, folder["model"], TestLoad.Fp32))
            Assert.All(single.Generate(s_request).Images, number => Assert.True(float.IsFinite(number)));
        using TitokPipeline half = TitokPipeline.Load(device, folder["model"], new TitokLoadOptions { Precision = TitokPrecision.Fp16 });
        TitokException e = Assert.Throws<TitokException>(() => half.Generate(s_request));
        Assert.Equal("The pixels of picture 0 are not finite numbers in fp16: try fp32.", e.Message);
        Assert.Throws<TitokException>(() => half.Tokenizer.Decode(new int[half.Tokenizer.Info.LatentTokens], 1));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void PicturesThatAreNoneHaveNoTokens(float value)
    {
        using TitokDevice device = TestDevice.Open();
        using TitokTokenizer tokenizer = TitokTokenizer.Load(device, model.Folder, TestLoad.Fp32);
        int length = 3 * tokenizer.Info.ImageSize * tokenizer.Info.ImageSize;
        float[] images = new float[2 * length];
        images[^5] = value;
        TitokException e = Assert.Throws<TitokException>(() => tokenizer.Encode(images, 2));
        Assert.StartsWith("The tokens of picture 1 are not finite numbers in fp32", e.Message, StringComparison.Ordinal);
        images[^5] = 1;
        Assert.Equal(2 * tokenizer.Info.LatentTokens, tokenizer.Encode(images, 2).Length);
        TestDevice.AssertNoMessages(device);
    }

    [Fact]
    public void MorePicturesThanAnArrayHoldsAreRefused()
    {
        using TitokDevice device = TestDevice.Open();
        using TitokPipeline pipeline = TitokPipeline.Load(device, model.Folder, TestLoad.Fp32);
        ArgumentException e = Assert.Throws<ArgumentException>(() => pipeline.Generate(s_request with { Classes = new int[400_000] }));
        Assert.Contains("400000 pictures", e.Message, StringComparison.Ordinal);
    }

    /// <summary>The model in fp32, with another fourth element of a tensor.</summary>
    private TemporaryFolder With(string part, string tensor, float value)
    {
        var folder = new TemporaryFolder();
        folder.CopyFolder(model.Folder, "model");
        string path = folder["model", part, "model.safetensors"];
        File.Delete(path);
        using var checkpoint = Checkpoint.Open(Path.Combine(model.Folder, part, "model.safetensors"));
        TensorInfo[] tensors = [.. checkpoint.Tensors.Values.Select(t => t with { Type = TensorType.F32 }).OrderBy(t => t.Name, StringComparer.Ordinal)];
        Assert.Contains(tensors, t => t.Name == tensor);
        SafetensorsWriter.Write(path, tensors, Fill, new Dictionary<string, string>());
        return folder;

        void Fill(TensorInfo info, Stream stream)
        {
            float[] numbers = checkpoint.ReadFloats(info.Name);
            if (info.Name == tensor)
                numbers[3] = value;
            stream.Write(MemoryMarshal.AsBytes(numbers.AsSpan()));
        }
    }
}
