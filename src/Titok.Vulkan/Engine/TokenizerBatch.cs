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
    /// <summary>
    /// Feature maps of one stage that are made at a time without matrix units: a picture's alone keep such a device busy, and more
    /// take memory and make dispatches too long for a host's frame. A CPU takes no less time for more (L-32: four or one at a time).
    /// </summary>
    private const long MapsWithoutMatrixUnitsInBytes = 32 << 20;

    public static TokenizerBatch ThatFits(GpuPhysicalDevice device, TokenizerSpec spec, KernelProfile profile)
    {
        long limitInBytes = device.Limits.MaxStorageBufferRangeInBytes, activation = profile.Activation.SizeInBytes();
        long pixels = (long)spec.ImageSize * spec.ImageSize, tokens = 1 + spec.Patches + spec.LatentTokens;
        long hidden = tokens * Math.Max(WidestLayer(spec.Encoder), WidestLayer(spec.Decoder)) * activation;
        long logits = (long)spec.Patches * (spec.PixelDecoder?.Codes ?? 0) * sizeof(float);
        long picture = 3 * pixels * sizeof(float);
        int pictures = (int)Math.Clamp(
            limitInBytes / Math.Max(picture, Math.Max(hidden, logits)), 1, SubmissionSize.MaxPictures(device, profile));

        // A stage's last convolution makes what the next one starts from, of twice the size.
        long featureMap = (spec.PixelDecoder?.Stages.Max(s => (pixels >> 2 * Math.Max(s.Index - 1, 0)) * s.OutChannels) ?? 0) * activation;
        long mapsInBytes = !profile.OnMatrixUnits ? Math.Min(limitInBytes, MapsWithoutMatrixUnitsInBytes) : limitInBytes;
        int inPixelDecoder = (int)Math.Clamp(mapsInBytes / Math.Max(picture, featureMap), 1, TokenizerPlans.MaxPixelBatch);
        return new TokenizerBatch(pictures, inPixelDecoder);
    }

    private static long WidestLayer(TransformerSize size) => Math.Max(size.MlpWidth, 3 * size.Width);
}
