using Titok.Vulkan.Engine;
using Titok.Vulkan.Gpu;

namespace Titok.Vulkan;

/// <summary>
/// Pictures from tokens or latents, or from pictures by way of them, in slices; see <see cref="TitokTokenizer.BeginDecode"/>.
/// </summary>
public sealed class TitokPictureJob : TitokJob
{
    private const string Tokens = "tokens", Latents = "latents", Drawn = "pictures";

    private readonly CodecJob _job;
    private readonly TitokTokenizer _tokenizer;
    private readonly bool _reconstructs;

    internal TitokPictureJob(TitokTokenizer tokenizer, CodecJob job, bool reconstructs)
        : base(job) =>
        (_tokenizer, _job, _reconstructs) = (tokenizer, job, reconstructs);

    /// <inheritdoc/>
    public override int Pictures => _job.Batch;

    private protected override PictureOutput PictureOutput => _job.Output;

    private protected override GpuBufferRange Images => _job.Images;

    /// <summary>
    /// Copies the token ids [N, K] that the pictures were decoded from, those that the job was given or, where it takes
    /// pictures, theirs: out of a finished job, by a submission of its own, which it waits for.
    /// </summary>
    /// <param name="tokens">Takes N·K ids.</param>
    /// <exception cref="InvalidOperationException">The tokenizer is a VAE and has no tokens, or the job is not finished.</exception>
    public void ReadTokens(Span<int> tokens)
    {
        _tokenizer.CheckTokenCount(tokens.Length, Pictures);
        RequireFinished();
        _job.ReadTokens(tokens);
    }

    /// <summary>The same with latents [N, C, 1, K].</summary>
    /// <param name="latents">Takes N·C·K floats.</param>
    /// <exception cref="InvalidOperationException">The tokenizer is not a VAE, or the job is not finished.</exception>
    public void ReadLatents(Span<float> latents)
    {
        _tokenizer.CheckLatents(latents, Pictures);
        RequireFinished();
        _job.ReadLatents(latents);
    }

    private string Takes => _reconstructs ? Drawn : _tokenizer.Info.IsContinuous ? Latents : Tokens;

    /// <summary>Starts over with other tokens [N, K].</summary>
    /// <exception cref="ArgumentException">They are too many, too few or not in the codebook.</exception>
    /// <exception cref="InvalidOperationException">The job takes no tokens, or slices are on the way; see <see cref="TitokJob.IsIdle"/>.</exception>
    public void Restart(ReadOnlySpan<int> tokens)
    {
        Require(Tokens);
        _tokenizer.CheckTokens(tokens, Pictures);
        _job.Set(tokens);
    }

    /// <summary>Starts over with other latents [N, C, 1, K].</summary>
    /// <exception cref="ArgumentException">They are too many or too few.</exception>
    /// <exception cref="InvalidOperationException">The job takes no latents, or slices are on the way; see <see cref="TitokJob.IsIdle"/>.</exception>
    public void RestartLatents(ReadOnlySpan<float> latents)
    {
        Require(Latents);
        _tokenizer.CheckLatents(latents, Pictures);
        _job.SetLatents(latents);
    }

    /// <summary>Starts over with other pictures [N, 3, S, S].</summary>
    /// <exception cref="ArgumentException">They are too many or too few.</exception>
    /// <exception cref="InvalidOperationException">The job takes no pictures, or slices are on the way; see <see cref="TitokJob.IsIdle"/>.</exception>
    public void Restart(ReadOnlySpan<float> images)
    {
        Require(Drawn);
        _tokenizer.CheckImages(images, Pictures);
        _job.Set(images);
    }

    private void Require(string given)
    {
        if (given != Takes)
            throw new InvalidOperationException($"The job takes {Takes}, not {given}.");
    }
}
