using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>Takes an fp32 tensor to the storage type of activations.</summary>
internal static class ToActivationKernel
{
    internal struct Push
    {
        public uint Count;
    }

    public static KernelCall Create(KernelProfile profile, Tensor x, Tensor y) =>
        new($"to_activation.{profile.Suffix}",
            [],
            [new(x, Access.Read), new(y, Access.Write)],
            PushConstants.Of(new Push { Count = (uint)x.Shape.Count }),
            GroupCount.Cover(x.Shape.Count, Elementwise.GroupSize));
}
