using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Graphs;

/// <content>The sampling loop's own ops.</content>
internal sealed partial class Graph
{
    /// <summary>
    /// From logits[B or 2B, K, V] (conditional rows first) to ids[B, K] after the step; writes them to
    /// history[steps, B, K] too, and counts the step in <paramref name="state"/>. candidates[B, K] get the token that each
    /// position would have, masked again or not.
    /// </summary>
    public void SamplingStep(string label, Tensor logits, Tensor ids, Tensor candidates, Tensor state, Tensor settings, Tensor seeds, Tensor history)
    {
        int images = ids.Shape[0];
        Check(logits.Type == DataType.Float32 && logits.Shape[1] == ids.Shape[1], label, $"{logits} does not fit {ids}");
        Check(logits.Shape[0] == images || logits.Shape[0] == 2 * images, label, $"{logits.Shape} has neither {images} nor {2 * images} rows");
        Check(ids.Shape[1] <= KernelLimits.MaxLatentTokens, label, $"{ids.Shape[1]} tokens a picture; at most {KernelLimits.MaxLatentTokens} are supported");
        Check(candidates.Shape == ids.Shape, label, $"{candidates} does not fit {ids}");
        Tensor confidence = Intermediate($"{label}.confidence", DataType.Float32, ids.Shape);
        Add($"{label}.sample", SamplingKernels.CreateSample(logits, ids, state, settings, seeds, candidates, confidence));
        Add($"{label}.remask", SamplingKernels.CreateRemask(candidates, confidence, ids, state, settings, history, logits.Shape[2]));
        Add($"{label}.advance", SamplingKernels.CreateAdvance(state));
    }
}
