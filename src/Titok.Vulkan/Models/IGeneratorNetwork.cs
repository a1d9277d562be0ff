using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Models;

/// <summary>A generator's network: what the sampling loop needs of it.</summary>
internal interface IGeneratorNetwork
{
    /// <summary>
    /// ids[B, K] (the mask is id V) and classes[B] to fp32 logits [B, K, V]; with guidance [2B, K, V], the conditional
    /// rows first.
    /// </summary>
    Tensor Build(Tensor ids, Tensor classes, bool guided);
}
