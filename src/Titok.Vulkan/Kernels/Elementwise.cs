namespace Titok.Vulkan.Kernels;

/// <summary>What all kernels share that give each invocation one element.</summary>
internal static class Elementwise
{
    public const int GroupSize = 128;
}
