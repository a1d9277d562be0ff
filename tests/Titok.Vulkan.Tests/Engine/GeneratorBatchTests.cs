using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Engine;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Models;
using Titok.Vulkan.Tests.Checkpoints;

namespace Titok.Vulkan.Tests.Engine;

/// <summary>How many pictures a generator takes at a time: as many as fit a binding in every one of its dispatches.</summary>
public class GeneratorBatchTests
{
    [Theory]
    [InlineData("generator_titok_l32", 128L << 20, 64)]
    [InlineData("generator_titok_b64", 128L << 20, 64)]
    [InlineData("generator_titok_s128", 128L << 20, 31)]
    [InlineData("generator_titok_s128", 4L << 30, 64)]
    public void EveryTensorFitsABinding(string name, long bindingInBytes, int pictures)
    {
        (Checkpoint checkpoint, TitokConfig config, _) = TestFiles.OpenZoo(Path.Combine(AppContext.BaseDirectory, "Zoo", name + ".json"));
        var spec = GeneratorSpec.Infer(checkpoint, config.Generator!);
        var profile = new KernelProfile(KernelForm.Portable, DataType.Float32);
        Assert.Equal(pictures, GeneratorEngine.MostPictures(bindingInBytes, spec, profile));
        foreach (Dispatch dispatch in new GeneratorPlans(spec, profile).Step(pictures, 1, guided: true).Dispatches)
        {
            foreach (Tensor tensor in dispatch.Call.Bindings.Select(b => b.Tensor))
                Assert.True(tensor.SizeInBytes <= bindingInBytes, $"{dispatch.Label}: {tensor} takes {tensor.SizeInBytes} bytes");
        }
    }
}
