using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Kernels;

/// <summary>What is done to the sums of a product before they are stored.</summary>
/// <param name="Bias">fp32 [N].</param>
/// <param name="Activation">After the bias, before the residual.</param>
/// <param name="Residual">[R, N].</param>
internal readonly record struct GemmEpilogue(Tensor? Bias, Activation Activation, Tensor? Residual);
