using System.Runtime.InteropServices;
using Titok.Vulkan.Engine;
using Titok.Vulkan.Gpu;

namespace Titok.Vulkan;

/// <summary>
/// A tokenizer's work in slices: pictures to tokens or latents (<see cref="TitokTokenizer.BeginEncode(TitokInput, int)"/>),
/// these to pictures (<see cref="TitokTokenizer.BeginDecode"/>), or one after the other
/// (<see cref="TitokTokenizer.BeginReconstruct(TitokInput, int)"/>).
/// </summary>
public sealed class TitokTokenizerJob : TitokJob
{
    private const string Tokens = "tokens", Latents = "latents", Images = "pictures";

    private readonly TokenizerJob _job;
    private readonly TitokTokenizer _tokenizer;
    private readonly TokenizerDirections _directions;

    internal TitokTokenizerJob(TitokTokenizer tokenizer, TokenizerJob job, TokenizerDirections directions)
        : base(job) =>
        (_tokenizer, _job, _directions) = (tokenizer, job, directions);

    /// <inheritdoc/>
    public override int Pictures => _job.Batch;

    /// <summary>Whether pictures go in, rather than tokens or latents.</summary>
    public bool Encodes => _directions.HasFlag(TokenizerDirections.Encode);

    /// <summary>Whether pictures come out.</summary>
    public bool Decodes => _directions.HasFlag(TokenizerDirections.Decode);

    private protected override void ThrowIfModelDisposed() => _tokenizer.ThrowIfDisposed();

    private protected override PictureOutput? PictureOutput => _job.Output;

    private protected override GpuBufferRange? DeviceImages => _job.Images;

    /// <summary>
    /// Copies the token ids [N, K] out of a finished job: those that it was given, or those of the pictures that it was given. The
    /// codebook's size stands for a token whose latents are no finite numbers.
    /// </summary>
    /// <param name="tokens">Takes N·K ids.</param>
    /// <exception cref="ArgumentException">There is too much or too little room.</exception>
    /// <exception cref="InvalidOperationException">The tokenizer is a VAE and has no tokens, or the job is not finished.</exception>
    public void ReadTokens(Span<int> tokens)
    {
        _tokenizer.CheckTokenCount(tokens.Length, Pictures);
        RequireFinished();
        _job.Tokens.CopyTo(tokens);
    }

    /// <summary>The same with latents [N, C, 1, K].</summary>
    /// <param name="latents">Takes N·C·K floats.</param>
    /// <exception cref="ArgumentException">There is too much or too little room.</exception>
    /// <exception cref="InvalidOperationException">The tokenizer is not a VAE, or the job is not finished.</exception>
    public void ReadLatents(Span<float> latents)
    {
        _tokenizer.CheckLatents(latents, Pictures);
        RequireFinished();
        _job.CopyLatents(latents);
    }

    /// <summary>Starts over with other tokens [N, K].</summary>
    /// <exception cref="ArgumentException">They are too many, too few or not in the codebook.</exception>
    /// <exception cref="InvalidOperationException">The job takes no tokens, or slices are on the way; see <see cref="TitokJob.IsIdle"/>.</exception>
    public void Restart(ReadOnlySpan<int> tokens)
    {
        RequireTakes(Tokens);
        _tokenizer.CheckTokens(tokens, Pictures);
        _job.SetTokens(tokens);
    }

    /// <summary>Starts over with other latents [N, C, 1, K].</summary>
    /// <exception cref="ArgumentException">They are too many or too few.</exception>
    /// <exception cref="InvalidOperationException">The job takes no latents, or slices are on the way; see <see cref="TitokJob.IsIdle"/>.</exception>
    public void RestartLatents(ReadOnlySpan<float> latents)
    {
        RequireTakes(Latents);
        _tokenizer.CheckLatents(latents, Pictures);
        _job.SetLatents(latents);
    }

    /// <summary>Starts over with other pictures [N, 3, S, S].</summary>
    /// <exception cref="ArgumentException">They are too many or too few.</exception>
    /// <exception cref="InvalidOperationException">The job takes no pictures, or slices are on the way; see <see cref="TitokJob.IsIdle"/>.</exception>
    /// <exception cref="OutOfDeviceMemoryException">What takes pictures from memory has no room.</exception>
    public void Restart(ReadOnlySpan<float> images)
    {
        RequireTakes(Images);
        _tokenizer.CheckImages(images, Pictures);
        _job.SetPictures(new MemoryPictureSource(), MemoryMarshal.AsBytes(images));
    }

    /// <summary>Starts over with pictures from elsewhere; <see cref="TitokJob.Restart()"/> reads the same place again.</summary>
    /// <exception cref="ArgumentException">The input contradicts itself; the job is as it was.</exception>
    /// <exception cref="InvalidOperationException">The job takes no pictures, or slices are on the way; see <see cref="TitokJob.IsIdle"/>.</exception>
    /// <exception cref="OutOfDeviceMemoryException">What unpacks the pictures has no room.</exception>
    public void Restart(TitokInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        RequireTakes(Images);
        _job.SetPictures(input.Source(), input.Bytes(Pictures, _job.PictureSize));
    }

    private void RequireTakes(string given)
    {
        ThrowIfModelDisposed();
        string takes = Encodes ? Images : _tokenizer.Info.IsContinuous ? Latents : Tokens;
        if (given != takes)
            throw new InvalidOperationException($"The job takes {takes}, not {given}.");
    }
}
