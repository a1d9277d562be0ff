using SkiaSharp;
using Titok.Vulkan.Tests.Checkpoints;

namespace Titok.Vulkan.Tests.Cli;

/// <summary><c>encode</c>, <c>decode</c>, <c>reconstruct</c> and <c>convert</c> on good input.</summary>
public sealed class CodecCommandTests(CliModel model) : IClassFixture<CliModel>
{
    [Theory]
    [InlineData("tokenizer_legacy")]
    [InlineData("tokenizer_vq")]
    public void DecodingWhatWasEncodedIsReconstructing(string name)
    {
        string tokenizer = TestFiles.Golden(name), tokens = model.Out("tokens.json"), decoded = model.Out("decoded.npy"), direct = model.Out("direct.npy");
        string[] pictures = Pictures(5);
        TitokProcess.Run(["encode", .. pictures, "--tokenizer", tokenizer, "-o", tokens]).AssertDone();
        TitokProcess.Run("decode", tokens, "--tokenizer", tokenizer, "-o", decoded).AssertDone();
        TitokProcess.Run(["reconstruct", .. pictures, "--tokenizer", tokenizer, "-o", direct]).AssertDone();
        Assert.Equal(File.ReadAllBytes(direct), File.ReadAllBytes(decoded));
        Assert.Equal([5, 3, 64, 64], Npy.Read(decoded).Shape);

        string alone = model.Out("alone.json");
        TitokProcess.Run("encode", pictures[4], "--tokenizer", tokenizer, "-o", alone).AssertDone();
        Assert.EndsWith(File.ReadAllText(alone)["{\"tokens\":[".Length..], File.ReadAllText(tokens), StringComparison.Ordinal);
    }

    [Fact]
    public void AVaeHasLatents()
    {
        string latents = model.Out("latents.npy"), decoded = model.Out("decoded.png"), direct = model.Out("direct.png");
        string[] pictures = Pictures(2);
        TitokProcess.Run(["encode", .. pictures, "--tokenizer", CliModel.Vae, "-o", latents]).AssertDone();
        (float[] data, int[] shape) = Npy.Read(latents);
        Assert.Equal([2, 16, 1, 8], shape);
        Assert.All(data, x => Assert.True(float.IsFinite(x)));
        TitokProcess.Run("decode", latents, "--tokenizer", CliModel.Vae, "-o", decoded).AssertDone();
        TitokProcess.Run(["reconstruct", .. pictures, "--tokenizer", CliModel.Vae, "-o", direct]).AssertDone();
        Assert.Equal(File.ReadAllBytes(direct), File.ReadAllBytes(decoded));
        CliModel.AssertOnlyWritten(decoded, "decoded.png");
    }

    [Fact]
    public void GeneratedTokensDecodeToTheGeneratedPicture()
    {
        string picture = model.Out("a.npy"), tokens = model.Out("a.json"), decoded = model.Out("b.npy");
        TitokProcess.Run("generate", "--model", model.Folder, "--class", "6", "--tokens", tokens, "-o", picture).AssertDone();
        TitokProcess.Run("decode", tokens, "--model", model.Folder, "-o", decoded).AssertDone();
        Assert.Equal(File.ReadAllBytes(picture), File.ReadAllBytes(decoded));
    }

    /// <summary>All commands can be told of a model in the same words.</summary>
    [Fact]
    public void AGeneratorMayBeNamedWhereNoneIsUsed()
    {
        string tokens = model.Out("a.json"), picture = model.Out("a.png");
        TitokProcess.Run(["encode", .. Pictures(1), "--tokenizer", TestFiles.Golden("tokenizer_legacy"), "--generator", TestFiles.Golden("generator_vit"), "-o", tokens]).AssertDone();
        TitokProcess.Run("decode", tokens, "--model", model.Folder, "--generator", TestFiles.Golden("generator_vit"), "-o", picture).AssertDone();
        TitokProcess.Run("decode", tokens, "--generator", TestFiles.Golden("generator_vit"), "-o", picture).AssertFailed(2, "--model", "--tokenizer");
    }

    /// <summary>The golden weights are exact in fp16, so nothing may change, in either precision.</summary>
    [Theory]
    [InlineData("fp32")]
    [InlineData("fp16")]
    public void AConvertedModelMakesTheSameTokens(string precision)
    {
        if (precision == "fp16" && !TitokDevice.List().Any(d => d.WhyUnusable is null && d.SupportsHalf))
            Assert.Skip("no device here stores 16-bit floats");
        string converted = model.Out("half"), before = model.Out("a.json"), after = model.Out("b.json");
        TitokRun run = TitokProcess.Run("convert", model.Folder, converted);
        run.AssertDone();
        Assert.StartsWith($"{converted}: ", run.Output, StringComparison.Ordinal);
        Assert.Equal(CliModel.Labels, File.ReadAllLines(Path.Combine(converted, "classes.txt")));
        foreach ((string folder, string tokens) in new[] { (model.Folder, before), (converted, after) })
            TitokProcess.Run("generate", "--model", folder, "--class", "0,5", "--precision", precision, "--tokens", tokens, "-o", model.Out("a.png")).AssertDone();
        Assert.Equal(File.ReadAllText(before), File.ReadAllText(after));
    }

    [Fact]
    public void APyTorchFileConvertsToASafetensorsFile()
    {
        string converted = model.Out("model.safetensors"), before = model.Out("a.json"), after = model.Out("b.json");
        TitokProcess.Run("convert", TestFiles.Golden("generator_vit", "pytorch_model.bin"), converted).AssertDone();
        CliModel.AssertOnlyWritten(converted, "model.safetensors");
        File.Copy(TestFiles.Golden("generator_vit", "config.json"), Path.Combine(Path.GetDirectoryName(converted)!, "config.json"));
        string tokenizer = TestFiles.Golden("tokenizer_legacy");
        foreach ((string generator, string tokens) in new[] { (TestFiles.Golden("generator_vit", "pytorch_model.bin"), before), (converted, after) })
            TitokProcess.Run("generate", "--tokenizer", tokenizer, "--generator", generator, "--class", "2", "--tokens", tokens, "-o", model.Out("a.png")).AssertDone();
        Assert.Equal(File.ReadAllText(before), File.ReadAllText(after));
    }

    private string[] Pictures(int count)
    {
        var paths = new string[count];
        for (int i = 0; i < count; i++)
        {
            using var bitmap = new SKBitmap(90, 70);
            bitmap.Erase(SKColor.FromHsv(i * 70, 80, 90));
            bitmap.Erase(SKColors.Black, SKRectI.Create(20 + i, 10, 30, 25));
            using SKData data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
            paths[i] = model.Out($"{i}.png");
            File.WriteAllBytes(paths[i], data.ToArray());
        }
        return paths;
    }
}
