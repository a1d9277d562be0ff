using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Tests.Checkpoints;
using Titok.Vulkan.Tests.Gpu;
using Titok.Vulkan.Tests.Models;

namespace Titok.Vulkan.Tests.Engine;

/// <summary>The model that comes with the program, against what PyTorch computes from it (tests/pytorch/sprites_golden.py).</summary>
[Collection(GpuCollection.Name)]
public sealed class SpritesTests : IDisposable
{
    private const ulong Seed = 7;
    private const double StageBound = 1e-4, HalfStageBound = 1e-2, HalfPsnrInDecibels = 45;

    private static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "models", "sprites");
    private static readonly string s_goldenFile = TestFiles.Golden("sprites", "golden.safetensors");

    private readonly Checkpoint _golden = Checkpoint.Open(s_goldenFile);

    [Fact]
    public void TokensOfDrawnPictures()
    {
        using TitokDevice device = TestDevice.Open();
        using TitokTokenizer tokenizer = TitokTokenizer.Load(device, s_folder, TestLoad.Fp32);
        float[] image = _golden.ReadFloats("image");
        Assert.Equal(Integers("tokens"), tokenizer.Encode(image, image.Length / PictureLength(tokenizer)));
        TestDevice.AssertNoMessages(device);
    }

    [Fact]
    public void TokensAndPicturesOfEveryClass()
    {
        using TitokDevice device = TestDevice.Open();
        using TitokPipeline titok = TitokPipeline.Load(device, s_folder, TestLoad.Fp32);
        GenerationResult result = titok.Generate(new GenerationRequest
        {
            Classes = [.. Enumerable.Range(0, titok.Generator.Info.Classes)],
            Seed = Seed,
            Settings = titok.DefaultSettings,
        });
        Assert.Equal(Integers("generated"), result.Tokens);
        Closeness.AssertRelativeL2("pictures", _golden.ReadFloats("decoded"), result.Images, StageBound);
        TestDevice.AssertNoMessages(device);
    }

    [Fact]
    public void PicturesWithHalfPrecision()
    {
        using TitokDevice device = TestDevice.Open();
        if (!device.Info.SupportsHalf)
            Assert.Skip($"{device.Info.Name} can't store 16-bit floats");
        using TitokTokenizer tokenizer = TitokTokenizer.Load(device, s_folder, TestLoad.Fp16);
        float[] expected = _golden.ReadFloats("decoded"), actual = new float[expected.Length];
        tokenizer.Decode(Integers("generated"), expected.Length / PictureLength(tokenizer), actual);
        Closeness.AssertRelativeL2("pictures", expected, actual, HalfStageBound);
        double psnr = Closeness.PsnrInDecibels(expected, actual);
        Assert.True(psnr >= HalfPsnrInDecibels, $"PSNR {psnr:f1} dB is below {HalfPsnrInDecibels} dB");
        TestDevice.AssertNoMessages(device);
    }

    public void Dispose() => _golden.Dispose();

    private static int[] Integers(string name) => SafetensorsIntegers.Read(s_goldenFile, name);

    private static int PictureLength(TitokTokenizer tokenizer) => 3 * tokenizer.Info.ImageSize * tokenizer.Info.ImageSize;
}
