using Titok.Vulkan.Checkpoints;

namespace Titok.Vulkan.Tests.Checkpoints;

/// <summary>Files that PyTorch itself wrote; Files/make_files.py says how.</summary>
public class PyTorchFileTests
{
    [Theory]
    [InlineData("protocol2.bin")]
    [InlineData("protocol4.bin")]
    public void EveryKindOfTensorIsRead(string name)
    {
        using Checkpoint checkpoint = Checkpoint.Open(PathOf(name));
        Assert.Equal(["mask", "norm.num_batches_tracked"], checkpoint.IntegerBuffers.Order());
        Assert.Equal(
            ["bfloat16", "every_other", "expanded", "half", "linear.bias", "linear.weight", "norm.bias", "norm.running_mean",
                "norm.running_var", "norm.weight", "parameter", "row", "transposed"],
            checkpoint.Tensors.Keys.Order(StringComparer.Ordinal));
        Assert.Equal([0, 1, 2, 3, 4, 5], checkpoint.ReadFloats("linear.weight"));
        Assert.Equal([0.5f, -0.5f], checkpoint.ReadFloats("linear.bias"));
        Assert.Equal([6, 4], checkpoint.Tensors["transposed"].Shape.AsEnumerable());
        Assert.Equal(Enumerable.Range(0, 24).Select(i => (float)((i % 4 * 6) + (i / 4))), checkpoint.ReadFloats("transposed"));
        Assert.Equal([12, 13, 14, 15, 16, 17], checkpoint.ReadFloats("row"));
        Assert.Equal([1, 3, 5, 13, 15, 17], checkpoint.ReadFloats("every_other"));
        Assert.Equal([7, 7, 7, 7, 7, 7], checkpoint.ReadFloats("expanded"));
        Assert.Equal(TensorType.F16, checkpoint.Tensors["half"].Type);
        Assert.Equal([1, -2, 65504], checkpoint.ReadFloats("half"));
        Assert.Equal(TensorType.BF16, checkpoint.Tensors["bfloat16"].Type);
        Assert.Equal([1, -2, BitConverter.UInt32BitsToSingle(0x7f620000)], checkpoint.ReadFloats("bfloat16"));
        Assert.Equal([3, 4], checkpoint.ReadFloats("parameter"));
    }

    [Fact]
    public void FormatBeforeOneSixIsRefusedByName()
    {
        string path = PathOf("before_1_6.bin");
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => Checkpoint.Open(path));
        Assert.Contains("PyTorch's old format (before 1.6)", error.Message);
        Assert.StartsWith(path, error.Message);
    }

    private static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Checkpoints", "Files", name);
}
