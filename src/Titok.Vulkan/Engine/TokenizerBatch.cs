using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Models;

namespace Titok.Vulkan.Engine;

/// <summary>How many pictures a tokenizer's plans are made for, so that every tensor fits one storage buffer binding.</summary>
/// <param name="Pictures">Most pictures that one submission works on.</param>
/// <param name="InPixelDecoder">Pictures of them that go through the pixel decoder at a time.</param>
internal readonly record struct TokenizerBatch(int Pictures, int InPixelDecoder)
{
    /// <summary>A large GPU's waves of workgroups are fuller with more rows, and its launches fewer.</summary>
    private const int MostOnDiscrete = 64;

    /// <summary>
    /// Smaller devices gain nothing from more, and their dispatches would be longer than what a host's frame, or a driver's
    /// watchdog, can wait for.
    /// </summary>
    private const int MostElsewhere = 16;

    /// <summary>Feature maps of one stage that a CPU makes at a time: more take memory, and no less time (L-32: four or one at a time).</summary>
    private const long CpuMapsInBytes = 32 << 20;

    public static TokenizerBatch ThatFits(GpuPhysicalDevice device, TokenizerSpec spec, KernelProfile profile)
    {
        long limitInBytes = device.Limits.MaxStorageBufferRangeInBytes, activation = profile.Activation.SizeInBytes();
        long pixels = (long)spec.ImageSize * spec.ImageSize, tokens = 1 + spec.Patches + spec.LatentTokens;
        long hidden = tokens * Math.Max(WidestLayer(spec.Encoder), WidestLayer(spec.Decoder)) * activation;
        long logits = (long)spec.Patches * (spec.PixelDecoder?.Codes ?? 0) * sizeof(float);
        long picture = 3 * pixels * sizeof(float);
        int most = device.Type == GpuDeviceType.Discrete ? MostOnDiscrete : MostElsewhere;
        int pictures = (int)Math.Clamp(limitInBytes / Math.Max(picture, Math.Max(hidden, logits)), 1, most);

        // A stage's last convolution makes what the next one starts from, of twice the size.
        long featureMap = (spec.PixelDecoder?.Stages.Max(s => (pixels >> 2 * Math.Max(s.Index - 1, 0)) * s.OutChannels) ?? 0) * activation;
        long mapsInBytes = device.Type == GpuDeviceType.Cpu ? Math.Min(limitInBytes, CpuMapsInBytes) : limitInBytes;
        int inPixelDecoder = (int)Math.Clamp(mapsInBytes / Math.Max(picture, featureMap), 1, TokenizerPlans.MostPixelBatch);
        return new TokenizerBatch(pictures, inPixelDecoder);
    }

    private static long WidestLayer(TransformerSize size) => Math.Max(size.MlpWidth, 3 * size.Width);
}
