using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Models;

namespace Titok.Vulkan.Engine;

/// <summary>Blocks of a transformer as networks have them, for whoever measures or compares kernels by them.</summary>
internal static class TransformerCalls
{
    /// <param name="profile">Whose kernels.</param>
    /// <param name="batch">Sequences.</param>
    /// <param name="tokens">Tokens of each.</param>
    /// <param name="size">How many blocks, and of which size.</param>
    public static KernelCall[] Of(KernelProfile profile, int batch, int tokens, TransformerSize size) =>
        [.. Plan(profile, batch, tokens, size).Dispatches.Select(dispatch => dispatch.Call)];

    /// <inheritdoc cref="Of"/>
    public static ExecutionPlan Plan(KernelProfile profile, int batch, int tokens, TransformerSize size)
    {
        var graph = new Graph("transformer", profile);
        Tensor x = graph.External("x", profile.Activation, batch, tokens, size.Width);
        graph.Stage("blocks", new TransformerBlocks(graph, "blocks", size).Build(x, first: 0, tokens));
        return graph.CompileFor("blocks");
    }
}
