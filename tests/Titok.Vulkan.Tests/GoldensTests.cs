namespace Titok.Vulkan.Tests;

public class GoldensTests
{
    [Theory]
    [InlineData("tokenizer_legacy")]
    [InlineData("tokenizer_vq")]
    [InlineData("tokenizer_vae")]
    [InlineData("generator_vit")]
    [InlineData("generator_uvit")]
    public void EveryGoldenHasItsThreeFiles(string name)
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "Goldens", name);
        Assert.True(File.Exists(Path.Combine(folder, "config.json")));
        Assert.True(File.Exists(Path.Combine(folder, "model.safetensors")));
        Assert.True(File.Exists(Path.Combine(folder, "golden.safetensors")));
    }
}
