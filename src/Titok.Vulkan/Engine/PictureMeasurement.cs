using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Models;

namespace Titok.Vulkan.Engine;

/// <summary>
/// How long a device takes by one form of the kernels and another for what one picture takes most of: a block of generator L for each
/// of eight steps, one of tokenizer L, a convolution. There are drivers whose matrices give right numbers and are slower than
/// anything else, as their compilers are out of registers.
/// </summary>
internal static class PictureMeasurement
{
    private const int Steps = 8, Tokens = 289, Channels = 128, Size = 128;

    /// <summary>For how long to measure, at the least and, as whoever loads a model waits for it, before the last round.</summary>
    private const double LeastSeconds = 0.1, MaxSeconds = 1;

    private const int LeastRounds = 10;

    /// <summary>Guidance takes two rows of each picture.</summary>
    private static readonly (int Batch, int Tokens, TransformerSize Size) s_generator = (2, 33, new TransformerSize(768, Layers: 1, Heads: 16, 3072));

    private static readonly TransformerSize s_tokenizer = new(1024, Layers: 1, Heads: 16, 4096);

    /// <summary>The least seconds by each profile; null where there is no memory to find out.</summary>
    /// <param name="device">To measure on.</param>
    /// <param name="profiles">Each of which the device can run.</param>
    /// <param name="isBrief">Whether a small run will do, which shows that measuring works.</param>
    public static double[]? Seconds(GpuDevice device, IReadOnlyList<KernelProfile> profiles, bool isBrief = false)
    {
        KernelCall[][] alternatives = [.. profiles.Select(profile => Parts(profile, isBrief))];
        try
        {
            KernelCallRecording.BuildPrograms(device, alternatives.SelectMany(calls => calls));
            return isBrief
                ? AlternatingRuns.LeastSeconds(device, alternatives, 0, 1, 0)
                : AlternatingRuns.LeastSeconds(device, alternatives, LeastSeconds, LeastRounds, MaxSeconds);
        }
        catch (OutOfDeviceMemoryException)
        {
            return null;
        }
    }

    private static KernelCall[] Parts(KernelProfile profile, bool isBrief)
    {
        Graph step = new("step", profile), rest = new("rest", profile);
        Block(step, s_generator.Batch, s_generator.Tokens, s_generator.Size);
        Block(rest, batch: 1, isBrief ? s_generator.Tokens : Tokens, s_tokenizer);
        int size = isBrief ? 8 : Size;
        Tensor pixels = rest.External("pixels", profile.Activation, 1, size, size, Channels);
        rest.Stage("convolution", rest.Conv3x3("convolution", pixels, rest.Convolution("kernel", Channels, Channels), bias: null));
        return [.. Enumerable.Repeat(Calls(step), isBrief ? 1 : Steps).SelectMany(calls => calls), .. Calls(rest)];
    }

    private static void Block(Graph graph, int batch, int tokens, TransformerSize size)
    {
        Tensor x = graph.External("x", graph.Profile.Activation, batch, tokens, size.Width);
        graph.Stage("block", new TransformerBlocks(graph, "block", size).Build(x, first: 0, tokens));
    }

    private static KernelCall[] Calls(Graph graph) => [.. graph.Compile(keepStages: true).Dispatches.Select(dispatch => dispatch.Call)];
}
