using Titok.Vulkan.Gpu;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Tests.Gpu;
using Titok.Vulkan.Tests.Models;

namespace Titok.Vulkan.Tests.Kernels;

/// <summary>Runs a test of an op on many random shapes, each from a seed of its own.</summary>
internal static class KernelTheory
{
    /// <summary>
    /// Fewer for the kernels that multiply in blocks: nearly every shape has a kernel of its own, which takes a CPU driver seconds to build.
    /// </summary>
    public static void ForShapes(GpuFixture gpu, string profileName, int shapes, int matrixShapes, Action<KernelRun, Random, KernelProfile> test) =>
        ForShapes(gpu, profileName, profileName.Split('-')[0] is "matrix" or "fma" ? matrixShapes : shapes, test);

    public static void ForShapes(GpuFixture gpu, string profileName, int shapes, Action<KernelRun, Random, KernelProfile> test)
    {
        GpuDevice device = gpu.Device;
        KernelProfile profile = Profiles.Require(device, profileName);
        for (int seed = 0; seed < shapes; seed++)
        {
            var random = new Random(seed);
            test(new KernelRun(device, profile, random), random, profile);
        }
        gpu.AssertNoMessages();
    }
}
