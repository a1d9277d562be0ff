using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Tests.Checkpoints;

/// <summary>Checkpoints and kernels don't know each other; what one accepts the other has to do.</summary>
public class LimitsTests
{
    [Fact]
    public void GeneratorsAreAcceptedUpToWhatKernelsHaveRoomFor()
    {
        Assert.Equal(SamplingKernels.MaxLatents, GeneratorSpec.MaxLatentTokens);
        Assert.Equal(AttentionKernel.MaxHeadWidth, GeneratorSpec.MaxHeadWidth);
    }
}
