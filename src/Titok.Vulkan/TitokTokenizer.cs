using System.Runtime.InteropServices;
using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Engine;
using Titok.Vulkan.Kernels;

namespace Titok.Vulkan;

/// <summary>A TiTok tokenizer: pictures to tokens (or, for a VAE, latents) and back.</summary>
/// <remarks>
/// Pictures are planar fp32 [N, 3, S, S] in 0..1. Calls from several threads take turns. A request of any size works:
/// it runs in as many batches as the device needs.
/// </remarks>
public sealed class TitokTokenizer : IDisposable
{
    private readonly Lock _lock = new();
    private readonly TokenizerEngine _engine;
    private bool _disposed;

    private TitokTokenizer(TokenizerEngine engine, TitokTokenizerInfo info) => (_engine, Info) = (engine, info);

    /// <summary>What it is.</summary>
    public TitokTokenizerInfo Info { get; }

    /// <summary>Loads a tokenizer onto a device.</summary>
    /// <param name="device">The device; it must outlive the tokenizer.</param>
    /// <param name="path">A model folder, a Hugging Face folder, or a .safetensors or .bin file beside its config.json.</param>
    /// <param name="options">How; by default in the precision that suits the device, from disk.</param>
    /// <param name="cancellation">Looked at between tensors, and between kernels that are tried.</param>
    /// <exception cref="ModelFormatException">A file is missing, damaged, or not a TiTok tokenizer.</exception>
    /// <exception cref="ArgumentException">The path is empty, and there are no files in memory.</exception>
    /// <exception cref="OperationCanceledException">The loading was cancelled.</exception>
    /// <exception cref="MissingFeatureException">fp16 was asked for, and the device can't store it.</exception>
    /// <exception cref="OutOfDeviceMemoryException">The weights do not fit.</exception>
    /// <exception cref="DeviceLostException">The device was lost.</exception>
    public static TitokTokenizer Load(
        TitokDevice device, string path, TitokLoadOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(device);
        options ??= new TitokLoadOptions();
        options.CheckPath(path, nameof(path));
        return Load(device, ModelFolder.Open(options.Source, path).RequireTokenizer(), options, options.Progress, cancellation);
    }

    /// <summary>Token ids [N, K] of pictures [N, 3, S, S].</summary>
    /// <inheritdoc cref="Encode(ReadOnlySpan{float}, int, Span{int}, IProgress{int}, CancellationToken)"/>
    public int[] Encode(ReadOnlySpan<float> images, int count, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        RequireTokens();
        CheckImages(images, count);
        int[] tokens = ResultArray.New<int>(count, Info.LatentTokens);
        Encode(images, count, tokens, progress, cancellation);
        return tokens;
    }

    /// <summary>Writes the token ids [N, K] of pictures [N, 3, S, S].</summary>
    /// <param name="images">N·3·S·S floats, planar, 0..1.</param>
    /// <param name="count">N, any number.</param>
    /// <param name="tokens">Takes N·K ids.</param>
    /// <param name="progress">Told how many pictures are done, after every batch of <see cref="MaxPicturesPerJob"/> at most.</param>
    /// <param name="cancellation">Looked at after every batch.</param>
    /// <exception cref="ArgumentException">There are too many or too few floats, or there is too much or too little room.</exception>
    /// <exception cref="InvalidOperationException">The tokenizer is a VAE and has no tokens.</exception>
    /// <exception cref="OperationCanceledException">The request was cancelled.</exception>
    /// <exception cref="OutOfDeviceMemoryException">Not even one picture fits.</exception>
    /// <exception cref="DeviceLostException">The device was lost.</exception>
    /// <exception cref="NotFiniteException">Results are no finite numbers, as where a model overflows fp16.</exception>
    public void Encode(
        ReadOnlySpan<float> images, int count, Span<int> tokens, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        CheckTokenCount(tokens.Length, count);
        CheckImages(images, count);
        lock (_lock)
        {
            ThrowIfDisposed();
            _engine.Encode(images, count, tokens, progress, cancellation);
        }
    }

    /// <summary>Latents [N, C, 1, K] of pictures [N, 3, S, S]: the mean, or with a seed a sample around it.</summary>
    /// <inheritdoc cref="EncodeLatents(ReadOnlySpan{float}, int, Span{float}, ulong?, IProgress{int}, CancellationToken)"/>
    public float[] EncodeLatents(
        ReadOnlySpan<float> images, int count, ulong? seed = null, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        RequireLatents();
        CheckImages(images, count);
        float[] latents = ResultArray.New<float>(count, Info.LatentTokens * Info.LatentChannels);
        EncodeLatents(images, count, latents, seed, progress, cancellation);
        return latents;
    }

    /// <summary>Writes the latents [N, C, 1, K] of pictures [N, 3, S, S]: the mean, or with a seed a sample around it.</summary>
    /// <param name="images">N·3·S·S floats, planar, 0..1.</param>
    /// <param name="count">N, any number.</param>
    /// <param name="latents">Takes N·C·K floats.</param>
    /// <param name="seed">Picture i is sampled with seed + i; null for the mean.</param>
    /// <param name="progress">Told how many pictures are done, after every batch of <see cref="MaxPicturesPerJob"/> at most.</param>
    /// <param name="cancellation">Looked at after every batch.</param>
    /// <exception cref="ArgumentException">There are too many or too few floats, or there is too much or too little room.</exception>
    /// <exception cref="InvalidOperationException">The tokenizer is not a VAE.</exception>
    /// <exception cref="OperationCanceledException">The request was cancelled.</exception>
    /// <exception cref="OutOfDeviceMemoryException">Not even one picture fits.</exception>
    /// <exception cref="DeviceLostException">The device was lost.</exception>
    /// <exception cref="NotFiniteException">Results are no finite numbers, as where a model overflows fp16.</exception>
    public void EncodeLatents(
        ReadOnlySpan<float> images, int count, Span<float> latents, ulong? seed = null, IProgress<int>? progress = null,
        CancellationToken cancellation = default)
    {
        CheckLatents(latents, count);
        CheckImages(images, count);
        float[] rows = new float[latents.Length];
        lock (_lock)
        {
            ThrowIfDisposed();
            _engine.EncodeLatents(images, count, rows, seed, progress, cancellation);
        }
        LatentLayout.SwapAxes(rows, Info.LatentTokens, Info.LatentChannels, latents);
    }

    /// <summary>Pictures [N, 3, S, S] of token ids [N, K].</summary>
    /// <inheritdoc cref="Decode(ReadOnlySpan{int}, int, Span{float}, IProgress{int}, CancellationToken)"/>
    public float[] Decode(ReadOnlySpan<int> tokens, int count, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        CheckTokens(tokens, count);
        float[] images = ResultArray.New<float>(count, _engine.PictureLength);
        Decode(tokens, count, images, progress, cancellation);
        return images;
    }

    /// <summary>Writes the pictures [N, 3, S, S], about 0..1 and not clamped, of token ids [N, K].</summary>
    /// <param name="tokens">N·K ids.</param>
    /// <param name="count">N, any number.</param>
    /// <param name="images">Takes N·3·S·S floats.</param>
    /// <param name="progress">Told how many pictures are done, after every batch of <see cref="MaxPicturesPerJob"/> at most.</param>
    /// <param name="cancellation">Looked at after every batch.</param>
    /// <exception cref="ArgumentException">
    /// There are too many or too few tokens, one is not in the codebook, or there is too much or too little room.
    /// </exception>
    /// <exception cref="InvalidOperationException">The tokenizer is a VAE and has no tokens.</exception>
    /// <exception cref="OperationCanceledException">The request was cancelled.</exception>
    /// <exception cref="OutOfDeviceMemoryException">Not even one picture fits.</exception>
    /// <exception cref="DeviceLostException">The device was lost.</exception>
    /// <exception cref="NotFiniteException">Results are no finite numbers, as where a model overflows fp16.</exception>
    public void Decode(
        ReadOnlySpan<int> tokens, int count, Span<float> images, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        CheckTokens(tokens, count);
        CheckImages(images, count);
        lock (_lock)
        {
            ThrowIfDisposed();
            _engine.Decode(tokens, count, images, progress, cancellation);
        }
    }

    /// <summary>Pictures [N, 3, S, S] of latents [N, C, 1, K].</summary>
    /// <inheritdoc cref="DecodeLatents(ReadOnlySpan{float}, int, Span{float}, IProgress{int}, CancellationToken)"/>
    public float[] DecodeLatents(ReadOnlySpan<float> latents, int count, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        CheckLatents(latents, count);
        float[] images = ResultArray.New<float>(count, _engine.PictureLength);
        DecodeLatents(latents, count, images, progress, cancellation);
        return images;
    }

    /// <summary>Writes the pictures [N, 3, S, S], about 0..1 and not clamped, of latents [N, C, 1, K].</summary>
    /// <param name="latents">N·C·K floats, as <see cref="EncodeLatents(ReadOnlySpan{float}, int, ulong?, IProgress{int}, CancellationToken)"/> gives them.</param>
    /// <param name="count">N, any number.</param>
    /// <param name="images">Takes N·3·S·S floats.</param>
    /// <param name="progress">Told how many pictures are done, after every batch of <see cref="MaxPicturesPerJob"/> at most.</param>
    /// <param name="cancellation">Looked at after every batch.</param>
    /// <exception cref="ArgumentException">There are too many or too few floats, or there is too much or too little room.</exception>
    /// <exception cref="InvalidOperationException">The tokenizer is not a VAE.</exception>
    /// <exception cref="OperationCanceledException">The request was cancelled.</exception>
    /// <exception cref="OutOfDeviceMemoryException">Not even one picture fits.</exception>
    /// <exception cref="DeviceLostException">The device was lost.</exception>
    /// <exception cref="NotFiniteException">Results are no finite numbers, as where a model overflows fp16.</exception>
    public void DecodeLatents(
        ReadOnlySpan<float> latents, int count, Span<float> images, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        CheckLatents(latents, count);
        CheckImages(images, count);
        float[] rows = new float[latents.Length];
        LatentLayout.SwapAxes(latents, Info.LatentChannels, Info.LatentTokens, rows);
        lock (_lock)
        {
            ThrowIfDisposed();
            _engine.DecodeLatents(rows, count, images, progress, cancellation);
        }
    }

    /// <summary>Begins to encode pictures [N, 3, S, S] in slices, to tokens or to a VAE's mean; the job can be restarted with others.</summary>
    /// <param name="images">Planar, 0..1.</param>
    /// <param name="count">N, at most <see cref="MaxPicturesPerJob"/>.</param>
    /// <exception cref="ArgumentException">They are too many or too few, or N is too large.</exception>
    /// <exception cref="OutOfDeviceMemoryException">The job's memory does not fit.</exception>
    public TitokTokenizerJob BeginEncode(ReadOnlySpan<float> images, int count) => Begin(images, count, TokenizerDirections.Encode);

    /// <summary>The same with pictures from an image or a buffer of the host's, which every round reads anew, or packed in memory.</summary>
    /// <param name="input">Where the pictures are.</param>
    /// <param name="count">N, at most <see cref="MaxPicturesPerJob"/>.</param>
    /// <exception cref="ArgumentException">The input contradicts itself, or N is too large.</exception>
    /// <exception cref="OutOfDeviceMemoryException">The job's memory does not fit.</exception>
    public TitokTokenizerJob BeginEncode(TitokInput input, int count) => Begin(input, count, TokenizerDirections.Encode);

    /// <summary>Begins to decode token ids [N, K] in slices; the job can be restarted with others.</summary>
    /// <param name="tokens">N·K ids.</param>
    /// <param name="count">N, at most <see cref="MaxPicturesPerJob"/>.</param>
    /// <exception cref="InvalidOperationException">The tokenizer is a VAE and has no tokens.</exception>
    /// <exception cref="ArgumentException">A token is not in the codebook, or N is too large.</exception>
    /// <exception cref="OutOfDeviceMemoryException">The job's memory does not fit.</exception>
    public TitokTokenizerJob BeginDecode(ReadOnlySpan<int> tokens, int count)
    {
        CheckTokens(tokens, count);
        return Begin(count, TokenizerDirections.Decode, tokens, static (job, tokens) => job.SetTokens(tokens));
    }

    /// <summary>Begins to decode latents [N, C, 1, K] in slices; the job can be restarted with others.</summary>
    /// <param name="latents">As <see cref="EncodeLatents(ReadOnlySpan{float}, int, ulong?, IProgress{int}, CancellationToken)"/> gives them.</param>
    /// <param name="count">N, at most <see cref="MaxPicturesPerJob"/>.</param>
    /// <exception cref="InvalidOperationException">The tokenizer is not a VAE.</exception>
    /// <exception cref="ArgumentException">They are too many or too few, or N is too large.</exception>
    /// <exception cref="OutOfDeviceMemoryException">The job's memory does not fit.</exception>
    public TitokTokenizerJob BeginDecodeLatents(ReadOnlySpan<float> latents, int count)
    {
        CheckLatents(latents, count);
        return Begin(count, TokenizerDirections.Decode, latents, static (job, latents) => job.SetLatents(latents));
    }

    /// <summary>Begins to encode and decode pictures [N, 3, S, S] in slices, by a VAE's mean; the job can be restarted with others.</summary>
    /// <param name="images">Planar, 0..1.</param>
    /// <param name="count">N, at most <see cref="MaxPicturesPerJob"/>.</param>
    /// <exception cref="ArgumentException">They are too many or too few, or N is too large.</exception>
    /// <exception cref="OutOfDeviceMemoryException">The job's memory does not fit.</exception>
    public TitokTokenizerJob BeginReconstruct(ReadOnlySpan<float> images, int count) => Begin(images, count, TokenizerDirections.Both);

    /// <summary>The same with pictures from an image or a buffer of the host's, which every round reads anew, or packed in memory.</summary>
    /// <param name="input">Where the pictures are.</param>
    /// <param name="count">N, at most <see cref="MaxPicturesPerJob"/>.</param>
    /// <exception cref="ArgumentException">The input contradicts itself, or N is too large.</exception>
    /// <exception cref="OutOfDeviceMemoryException">The job's memory does not fit.</exception>
    public TitokTokenizerJob BeginReconstruct(TitokInput input, int count) => Begin(input, count, TokenizerDirections.Both);

    /// <summary>Most pictures that one job makes.</summary>
    public int MaxPicturesPerJob => _engine.Batch;

    /// <summary>Frees the weights and the memory of jobs. It waits for a blocking call that another thread is in, and for nothing else.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            _disposed = true;
            _engine.Dispose();
        }
    }

    internal static TitokTokenizer Load(
        TitokDevice device, ModelPart part, TitokLoadOptions options, IProgress<double>? progress, CancellationToken cancellation)
    {
        KernelProfile profile = device.ProfileFor(options.Precision, progress, cancellation);
        (Checkpoint checkpoint, TokenizerSpec spec) = part.OpenTokenizer();
        using (checkpoint)
        {
            var engine = new TokenizerEngine(device.Gpu, spec, profile);
            try
            {
                engine.LoadWeights(checkpoint, progress, cancellation);
                device.Gpu.SaveCache();
                return new TitokTokenizer(engine, ModelDescription.Of(checkpoint, spec, ModelDescription.Precision(profile)));
            }
            catch
            {
                engine.Dispose();
                throw;
            }
        }
    }

    internal TokenizerEngine Engine => _engine;

    /// <summary>Does something as a blocking call: others, and disposing, wait for it.</summary>
    internal void Exclusively(Action work)
    {
        lock (_lock)
        {
            ThrowIfDisposed();
            work();
        }
    }

    internal void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_disposed, this);

    /// <summary>Throws unless these are token ids [N, K] of the codebook.</summary>
    internal void CheckTokens(ReadOnlySpan<int> tokens, int count)
    {
        CheckTokenCount(tokens.Length, count);
        for (int index = 0; index < tokens.Length; index++)
        {
            int token = tokens[index];
            if (token >= 0 && token < Info.CodebookSize)
                continue;
            (int picture, int position) = int.DivRem(index, Info.LatentTokens);
            throw new ArgumentOutOfRangeException(
                nameof(tokens), token, $"tokens[{picture}, {position}] is {token}, which is not in the codebook of {Info.CodebookSize}.");
        }
    }

    /// <summary>Throws unless there is room for token ids [N, K].</summary>
    internal void CheckTokenCount(int length, int count)
    {
        RequireTokens();
        RequireLength(length, count, Info.LatentTokens, "tokens");
    }

    /// <summary>Throws unless these are latents [N, C, 1, K].</summary>
    internal void CheckLatents(ReadOnlySpan<float> latents, int count)
    {
        RequireLatents();
        RequireLength(latents.Length, count, Info.LatentTokens * Info.LatentChannels, nameof(latents));
    }

    /// <summary>Throws unless these are pictures [N, 3, S, S].</summary>
    internal void CheckImages(ReadOnlySpan<float> images, int count) => RequireLength(images.Length, count, _engine.PictureLength, nameof(images));

    private TitokTokenizerJob Begin(ReadOnlySpan<float> images, int count, TokenizerDirections directions)
    {
        CheckImages(images, count);
        return Begin(count, directions, images, static (job, images) => job.SetPictures(new MemoryPictureSource(), MemoryMarshal.AsBytes(images)));
    }

    private TitokTokenizerJob Begin(TitokInput input, int count, TokenizerDirections directions)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        // What is wrong with them should cost no memory.
        PictureSource source = input.Source();
        input.Bytes(count, Info.ImageSize);
        return Begin(count, directions, (source, input), static (job, with) => job.SetPictures(with.source, with.input.Bytes(job.Batch, job.PictureSize)));
    }

    private TitokTokenizerJob Begin<TInput>(int count, TokenizerDirections directions, TInput input, Action<TokenizerJob, TInput> set)
        where TInput : allows ref struct
    {
        ThrowIfDisposed();
        if (count > MaxPicturesPerJob)
            throw new ArgumentOutOfRangeException(nameof(count), count, $"A job takes at most {MaxPicturesPerJob} pictures.");
        var job = new TokenizerJob(_engine, count, directions);
        try
        {
            set(job, input);
            return new TitokTokenizerJob(this, job, directions);
        }
        catch
        {
            job.Dispose();
            throw;
        }
    }

    private void RequireTokens()
    {
        if (Info.IsContinuous)
            throw new InvalidOperationException("This tokenizer is a VAE: it has latents, not tokens.");
    }

    private void RequireLatents()
    {
        if (!Info.IsContinuous)
            throw new InvalidOperationException("This tokenizer has tokens, not latents.");
    }

    private static void RequireLength(int length, int count, int each, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        if (length != (long)count * each)
            throw new ArgumentException($"{name} holds {length} elements; {count} × {each} were expected.", name);
    }
}
