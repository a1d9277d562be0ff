using Titok.Vulkan.Engine;
using Titok.Vulkan.Gpu;

namespace Titok.Vulkan;

/// <summary>
/// Pictures from tokens or latents, or from pictures by way of them, in slices; see <see cref="TitokTokenizer.BeginDecode"/>.
/// </summary>
public sealed class TitokPictureJob : TitokJob
{
    private readonly CodecJob _job;
    private readonly TitokTokenizer _tokenizer;
    private readonly bool _reconstructs;

    internal TitokPictureJob(TitokTokenizer tokenizer, TitokDevice device, CodecJob job, bool reconstructs)
        : base(device) =>
        (_tokenizer, _job, _reconstructs) = (tokenizer, job, reconstructs);

    /// <inheritdoc/>
    public override int Pictures => _job.Batch;

    private protected override Job Job => _job;

    private protected override PictureOutput PictureOutput => _job.Output;

    private protected override GpuBufferRange Images => _job.Images;

    /// <summary>Starts over with other tokens [N, K].</summary>
    /// <exception cref="ArgumentException">They are too many, too few or not in the codebook, or the job does not take tokens.</exception>
    /// <exception cref="InvalidOperationException">Slices are on the way; see <see cref="TitokJob.IsIdle"/>.</exception>
    public void Restart(ReadOnlySpan<int> tokens)
    {
        if (_reconstructs)
            throw new ArgumentException("The job takes pictures, not tokens.", nameof(tokens));
        _tokenizer.CheckTokens(tokens, Pictures);
        _job.Set(tokens);
    }

    /// <summary>Starts over with other pictures [N, 3, S, S], or latents [N, K, C], whichever the job was begun with.</summary>
    /// <exception cref="ArgumentException">They are too many or too few, or the job takes tokens.</exception>
    /// <exception cref="InvalidOperationException">Slices are on the way; see <see cref="TitokJob.IsIdle"/>.</exception>
    public void Restart(ReadOnlySpan<float> values)
    {
        if (!_reconstructs && !_tokenizer.Info.IsContinuous)
            throw new ArgumentException("The job takes tokens.", nameof(values));
        TitokTokenizerInfo info = _tokenizer.Info;
        int each = _reconstructs ? 3 * info.ImageSize * info.ImageSize : info.LatentTokens * info.LatentChannels;
        if (values.Length != (long)each * Pictures)
            throw new ArgumentException($"values holds {values.Length} elements; {Pictures} × {each} were expected.", nameof(values));
        _job.Set(values);
    }
}
