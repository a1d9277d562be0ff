using System.Collections.Immutable;
using System.Text.Json;
using Titok.Vulkan.Checkpoints;

namespace Titok.Vulkan.Tests.Checkpoints;

/// <summary>Where the goldens and zoo listings lie, and a zoo listing as a checkpoint without data.</summary>
internal static class TestFiles
{
    public static string Golden(params string[] parts) => Path.Combine([AppContext.BaseDirectory, "Goldens", .. parts]);

    public static IEnumerable<string> ZooFiles => Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Zoo"), "*.json").Order();

    /// <summary>The listing of a published checkpoint by its name, such as tokenizer_titok_l32.</summary>
    public static (Checkpoint Checkpoint, TitokConfig Config, long Parameters) OpenZooOf(string name) =>
        OpenZoo(Path.Combine(AppContext.BaseDirectory, "Zoo", name + ".json"));

    public static (Checkpoint Checkpoint, TitokConfig Config, long Parameters) OpenZoo(string path)
    {
        using JsonDocument listing = JsonDocument.Parse(File.ReadAllBytes(path));
        JsonElement root = listing.RootElement;
        TensorInfo[] tensors = [.. from tensor in root.GetProperty("tensors").EnumerateObject()
                                   select Describe(tensor.Name, tensor.Value)];
        TitokConfig config = TitokConfig.Parse(System.Text.Encoding.UTF8.GetBytes(root.GetProperty("config").GetRawText()), path);
        return (new Checkpoint(path, tensors), config, root.GetProperty("parameters").GetInt64());
    }

    private static TensorInfo Describe(string name, JsonElement tensor)
    {
        Assert.Equal("float32", tensor.GetProperty("dtype").GetString());
        ImmutableArray<int> shape = [.. from dimension in tensor.GetProperty("shape").EnumerateArray() select dimension.GetInt32()];
        return new TensorInfo(name, TensorType.F32, shape);
    }
}
