using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Engine;

/// <summary>
/// How long each form of the kernels takes on a device for the costliest parts of a picture: a block of generator L for each
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

    /// <summary>The least seconds by each profile, infinitely many where the driver refuses its kernels; null where there is no memory to find out.</summary>
    /// <param name="device">To measure on.</param>
    /// <param name="profiles">Each of which the device can run.</param>
    /// <param name="options">How; in brief a small run will do.</param>
    public static double[]? Seconds(GpuDevice device, IReadOnlyList<KernelProfile> profiles, SearchOptions options)
    {
        KernelCall[][][] parts = [.. profiles.Select(profile => Parts(profile, options.IsBrief))];
        bool[] isBuilt = [.. parts.Select(ofProfile => KernelCallRecording.TryBuildPrograms(device, ofProfile.SelectMany(calls => calls), options.Pause))];
        KernelCall[][] built = [.. parts.Where((_, i) => isBuilt[i]).SelectMany(ofProfile => ofProfile)];
        if (built.Length == 0)
            return null;
        try
        {
            double[] seconds = options.IsBrief
                ? AlternatingRuns.LeastSeconds(device, built, 0, 1, 0, options.Pause)
                : AlternatingRuns.LeastSeconds(device, built, LeastSeconds, LeastRounds, MaxSeconds, options.Pause);
            var ofPictures = new Queue<double>(seconds.Chunk(parts[0].Length).Select(ofProfile => Steps * ofProfile[0] + ofProfile.Skip(1).Sum()));
            return [.. isBuilt.Select(hasTime => hasTime ? ofPictures.Dequeue() : double.PositiveInfinity)];
        }
        catch (OutOfDeviceMemoryException)
        {
            return null;
        }
    }

    /// <summary>
    /// What a step, of which there are several, is made of, and the rest: submissions of their own, since a slow GPU must be done
    /// with each before its driver gives it up for lost.
    /// </summary>
    private static KernelCall[][] Parts(KernelProfile profile, bool isBrief)
    {
        var pixels = new Graph("pixels", profile);
        int size = isBrief ? 8 : Size;
        Tensor x = pixels.External("x", profile.Activation, 1, size, size, Channels);
        pixels.Stage("convolution", pixels.Conv3x3("convolution", x, pixels.Convolution("kernel", Channels, Channels), bias: null));
        return
        [
            TransformerCalls.Of(profile, s_generator.Batch, s_generator.Tokens, s_generator.Size),
            TransformerCalls.Of(profile, batch: 1, isBrief ? s_generator.Tokens : Tokens, s_tokenizer),
            [.. pixels.Compile(keepStages: true).Dispatches.Select(dispatch => dispatch.Call)],
        ];
    }
}
