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
    [InlineData("tokenizer", "decoder.class_embedding", 3, float.NaN)]
    [InlineData("tokenizer", "encoder.transformer.1.mlp.c_fc.weight", 3, float.PositiveInfinity)]
    [InlineData("tokenizer", "pixel_decoder.mid.0.conv1.weight", 147_455, float.NaN)]
    [InlineData("generator", "model.lm_head.weight", 3, float.NaN)]
    public void AWeightThatIsNoneIsNamed(string part, string tensor, int element, float value)
    {
        using TemporaryFolder folder = With(part, tensor, element, value);
        using TitokDevice device = TestDevice.Open();
        ModelFormatException e = Assert.Throws<ModelFormatException>(() => TitokPipeline.Load(device, folder["model"], TestLoad.Fp32));
        Assert.Equal(folder["model", part, "model.safetensors"], e.File);
        Assert.Contains($"tensor '{tensor}' holds {value:G6} at element {element}, expected finite numbers", e.Message, StringComparison.Ordinal);
        Assert.Equal(0, device.MemoryInUseInBytes);
        TestDevice.AssertNoMessages(device);
    }

    [Fact]
    public void AWeightThatHalvesDoNotHoldIsNamed()
    {
        using TemporaryFolder folder = With("tokenizer", "encoder.transformer.1.mlp.c_fc.weight", 3, 1e6f);
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
        using TemporaryFolder folder = With("tokenizer", "decoder.class_embedding", 3, 1e6f);
        using TitokDevice device = TestDevice.Open();
        Assert.SkipUnless(device.Gpu.Physical.Features.Storage16Bit, $"{device.Info.Name} has no 16-bit storage");
        using (TitokPipeline single = TitokPipeline.Load(device, folder["model"], TestLoad.Fp32))
            Assert.All(single.Generate(s_request).Images, number => Assert.True(float.IsFinite(number)));
        using TitokPipeline half = TitokPipeline.Load(device, folder["model"], new TitokLoadOptions { Precision = TitokPrecision.Fp16 });
        NotFiniteException e = Assert.Throws<NotFiniteException>(() => half.Generate(s_request));
        Assert.Equal("The pixels of picture 0 are not finite numbers in fp16: try fp32.", e.Message);
        int[] tokens = new int[2 * half.Tokenizer.Info.LatentTokens];
        Assert.Throws<NotFiniteException>(() => half.Tokenizer.Decode(tokens, 2));

        // In a job as well, whether its pictures go anywhere or not.
        using TitokTokenizerJob job = half.Tokenizer.BeginDecode(tokens, 2);
        Assert.Throws<InvalidOperationException>(job.CheckResults);
        Assert.Equal(("pixels", 0), Finish(job));
        job.SetOutput(new TitokMemoryOutput());
        Assert.Equal(("pixels", 0), Finish(job));
        TestDevice.AssertNoMessages(device);
    }

    /// <summary>A token is chosen by the largest logit; where none is a number there is none.</summary>
    [Fact]
    public async Task TokensOfLogitsThatOverflowAreNotReturned()
    {
        using TemporaryFolder folder = With("generator", "model.embeddings.LayerNorm.weight", 3, 1e6f);
        using TitokDevice device = TestDevice.Open();
        Assert.SkipUnless(device.Gpu.Physical.Features.Storage16Bit, $"{device.Info.Name} has no 16-bit storage");
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        GenerationRequest request = s_request with { Classes = [1, 2], Settings = s_request.Settings with { Steps = 3 } };
        using (TitokPipeline single = TitokPipeline.Load(device, folder["model"], TestLoad.Fp32))
        {
            Assert.DoesNotContain(single.Generator.Info.CodebookSize, single.Generate(request, cancellation: cancellation).Tokens);
            using TitokGenerationJob sound = single.Begin(request);
            sound.Submit(TitokSlice.Everything);
            sound.Wait(cancellation);
            sound.CheckResults();
        }
        using TitokPipeline half = TitokPipeline.Load(device, folder["model"], TestLoad.Fp16);
        const string message = "The logits of picture 0 are not finite numbers in fp16: try fp32.";
        Assert.Equal(message, Assert.Throws<NotFiniteException>(() => half.Generate(request, cancellation: cancellation)).Message);
        Assert.Equal(message, Assert.Throws<NotFiniteException>(() => half.Generator.Generate(request, cancellation: cancellation)).Message);
        NotFiniteException e = await Assert.ThrowsAsync<NotFiniteException>(async () =>
        {
            await foreach (GenerationStep step in half.GenerateAsync(request, previews: true, cancellation))
                Assert.True(step.Step < request.Settings.Steps - 1);
        });
        Assert.Equal(message, e.Message);

        using TitokGenerationJob job = half.Begin(request);
        Assert.Throws<InvalidOperationException>(job.CheckResults);
        Assert.Equal(("logits", 0), Finish(job));
        int[] tokens = new int[2 * half.Generator.Info.LatentTokens];
        job.ReadTokens(tokens);
        Assert.All(tokens, token => Assert.Equal(half.Generator.Info.CodebookSize, token));
        // What was given needs no logits.
        job.Restart(request with { KnownTokens = [.. Enumerable.Range(0, tokens.Length).Select(i => i < tokens.Length / 2 ? 1 : -1)] });
        Assert.Equal(("logits", 1), Finish(job));
        TestDevice.AssertNoMessages(device);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void JobsTellOfLatentsThatAreNone(bool isVae)
    {
        using TitokDevice device = TestDevice.Open();
        using TitokTokenizer tokenizer = TitokTokenizer.Load(device, isVae ? CliModel.Vae : model.Folder, TestLoad.Fp32);
        float[] images = new float[2 * 3 * tokenizer.Info.ImageSize * tokenizer.Info.ImageSize];
        using TitokTokenizerJob encoding = tokenizer.BeginEncode(images, 2), both = tokenizer.BeginReconstruct(images, 2);
        foreach (TitokTokenizerJob job in (TitokTokenizerJob[])[encoding, both])
        {
            Assert.Null(Finish(job));
            images[^5] = float.NaN;
            job.Restart(images);
            Assert.Equal(("latents", 1), Finish(job));
            images[^5] = 1;
            job.Restart(images);
            Assert.Null(Finish(job));
        }
        TestDevice.AssertNoMessages(device);
    }

    /// <summary>Of pictures in a batch the one that is none is named, and of latents as well.</summary>
    [Fact]
    public void LatentsThatAreNoneAreNotReturnedAndMakeNoPictures()
    {
        using TitokDevice device = TestDevice.Open();
        using TitokTokenizer tokenizer = TitokTokenizer.Load(device, CliModel.Vae, TestLoad.Fp32);
        float[] images = new float[2 * 3 * tokenizer.Info.ImageSize * tokenizer.Info.ImageSize];
        float[] latents = tokenizer.EncodeLatents(images, 2);
        images[^5] = latents[^5] = float.NaN;
        NotFiniteException e = Assert.Throws<NotFiniteException>(() => tokenizer.EncodeLatents(images, 2));
        Assert.StartsWith("The latents of picture 1 are not finite numbers in fp32", e.Message, StringComparison.Ordinal);
        e = Assert.Throws<NotFiniteException>(() => tokenizer.DecodeLatents(latents, 2));
        Assert.StartsWith("The pixels of picture 1 are not finite numbers in fp32", e.Message, StringComparison.Ordinal);
        TestDevice.AssertNoMessages(device);
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
        NotFiniteException e = Assert.Throws<NotFiniteException>(() => tokenizer.Encode(images, 2));
        Assert.StartsWith("The latents of picture 1 are not finite numbers in fp32", e.Message, StringComparison.Ordinal);
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

    /// <summary>Executes a job, and tells the stage and the picture that its check names; null for none.</summary>
    private static (string Stage, int Picture)? Finish(TitokJob job)
    {
        job.Submit(TitokSlice.Everything);
        job.Wait(TestContext.Current.CancellationToken);
        try
        {
            job.CheckResults();
            return null;
        }
        catch (NotFiniteException e)
        {
            return (e.Stage, e.Picture);
        }
    }

    /// <summary>The model in fp32, with another number for an element of a tensor.</summary>
    private TemporaryFolder With(string part, string tensor, int element, float value)
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
                numbers[element] = value;
            stream.Write(MemoryMarshal.AsBytes(numbers.AsSpan()));
        }
    }
}
