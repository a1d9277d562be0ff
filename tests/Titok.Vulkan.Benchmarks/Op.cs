using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Benchmarks;

/// <summary>An op at one shape: the graph that it is.</summary>
/// <param name="Name">What it is called in results.</param>
/// <param name="Operations">Multiplications and additions of a product or convolution as it is defined, however a kernel does it; 0 for others.</param>
/// <param name="Build">Puts it into a graph.</param>
internal sealed record Op(string Name, double Operations, Func<Graph, Tensor> Build)
{
    /// <summary>Of both generators with guidance, for one picture and for 64, and of tokenizer L.</summary>
    public static IReadOnlyList<Op> Attentions { get; } =
    [
        Attention(2, 33, 16, 48),
        Attention(128, 33, 16, 48),
        Attention(2, 129, 16, 64),
        Attention(128, 129, 16, 64),
        Attention(1, 289, 16, 64),
        Attention(16, 289, 16, 64),
        Attention(64, 289, 16, 64),
    ];

    /// <summary>What the models spend their time in: tokenizer L for one picture and for 16, both generators with guidance, the pixel decoder.</summary>
    public static IReadOnlyList<Op> All { get; } =
    [
        Linear(66, 2304, 768),
        Linear(66, 768, 768),
        Linear(66, 3072, 768),
        Linear(66, 768, 3072),
        Linear(258, 4096, 1024),
        Linear(289, 3072, 1024),
        Linear(289, 1024, 1024),
        Linear(289, 4096, 1024),
        Linear(289, 1024, 4096),
        Linear(4224, 3072, 768),
        Linear(4624, 4096, 1024),
        Linear(18496, 4096, 1024),
        Conv3x3(16, 512, 512),
        Conv3x3(64, 256, 256),
        Conv3x3(128, 128, 128),
        Conv3x3(256, 128, 128),
        Conv3x3(256, 128, 3),
        Conv3x3(128, 128, 128, upsample: true),
        .. Attentions,
        GroupNorm(16, 512),
        GroupNorm(256, 128),
        LayerNorm(289, 1024),
    ];

    /// <summary>What it comes to by a profile's kernels.</summary>
    public KernelCall[] Calls(KernelProfile profile)
    {
        var graph = new Graph(Name, profile);
        graph.Stage("y", Build(graph));
        return [.. graph.Compile(keepStages: true).Dispatches.Select(dispatch => dispatch.Call)];
    }

    private static Op Linear(int rows, int columns, int inner) => new($"linear {rows}x{columns}x{inner}", 2.0 * rows * columns * inner, graph => graph.Linear(
        "linear", Activation(graph, rows, inner), graph.Matrix(columns, inner, "weight"), graph.Vector(columns, "bias")));

    private static Op Conv3x3(int size, int inChannels, int outChannels, bool upsample = false) =>
        new($"conv3x3 {inChannels} to {outChannels} at {size}{(upsample ? " doubled" : "")}", 18.0 * size * size * (upsample ? 4 : 1) * inChannels * outChannels, graph => graph.Conv3x3(
            "conv", Activation(graph, 1, size, size, inChannels), graph.Convolution("weight", outChannels, inChannels, upsample), null, upsample: upsample));

    private static Op Attention(int batch, int tokens, int heads, int headDim) => new($"attention {batch}x{tokens}, {heads} heads of {headDim}", 4.0 * batch * tokens * tokens * heads * headDim, graph =>
        graph.Attention("attention", Activation(graph, batch, tokens, 3 * heads * headDim), heads));

    private static Op GroupNorm(int size, int channels) => new($"group norm {channels} at {size}", 0, graph => graph.GroupNorm(
        "norm", Activation(graph, 1, size, size, channels), graph.Vector(channels, "weight"), graph.Vector(channels, "bias"), 32, 1e-6f, silu: true));

    private static Op LayerNorm(int rows, int channels) => new($"layer norm {rows}x{channels}", 0, graph => graph.LayerNorm(
        "norm", Activation(graph, 1, rows, channels), graph.Vector(channels, "weight"), graph.Vector(channels, "bias"), 1e-5f));

    private static Tensor Activation(Graph graph, params ReadOnlySpan<int> extents) => graph.External("x", graph.Profile.Activation, extents);
}
