using System.Runtime.InteropServices;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Models;

namespace Titok.Vulkan.Engine;

/// <summary>Which way a tokenizer's job goes.</summary>
[Flags]
internal enum TokenizerDirections
{
    Encode = 1,
    Decode = 2,
    Both = Encode | Decode,
}

/// <summary>Pictures to codes, codes to pictures, or both; codes are token ids, or a VAE's latents.</summary>
internal sealed class TokenizerJob : Job
{
    private readonly TokenizerEngine _tokenizer;
    private readonly TokenizerRun? _encode, _decode;
    private readonly GpuBufferRange _codes;
    private readonly Action<GpuCommands> _copyInput, _copyCodes, _copyResult;

    public TokenizerJob(TokenizerEngine tokenizer, int batch, TokenizerDirections directions)
        : base(tokenizer.Device)
    {
        _tokenizer = tokenizer;
        Batch = batch;
        try
        {
            if (directions.HasFlag(TokenizerDirections.Encode))
                _encode = tokenizer.Rent(tokenizer.ToCodes, batch);
            if (directions.HasFlag(TokenizerDirections.Decode))
                _decode = tokenizer.Rent(tokenizer.FromCodes, batch);
        }
        catch
        {
            GiveBack(null);
            throw;
        }
        if (_encode is not null)
            Input = new PictureInput(_encode, tokenizer.Spec.ImageSize);
        if (_decode is not null)
            Output = new PictureOutput(_decode, tokenizer.Spec.ImageSize);
        bool isVae = tokenizer.Spec.IsVae;
        string codes = isVae ? TokenizerPlans.Latents : TokenizerPlans.Ids;
        long sizeInBytes = (long)batch * tokenizer.Spec.LatentTokens * (isVae ? tokenizer.Spec.TokenSize : 1) * sizeof(uint);
        _codes = new GpuBufferRange(CodesRun[codes], 0, sizeInBytes);
        _copyInput = commands => commands.Copy(new GpuBufferRange(_decode!.Upload(sizeInBytes), 0, sizeInBytes), _codes);
        _copyCodes = commands => commands.Copy(new GpuBufferRange(_encode![codes], 0, sizeInBytes), _codes);
        _copyResult = commands => commands.Copy(_codes, new GpuBufferRange(CodesRun.CodesReadback(sizeInBytes), 0, sizeInBytes));
    }

    public int Batch { get; }

    /// <summary>Pixels a side of a picture.</summary>
    public int PictureSize => _tokenizer.Spec.ImageSize;

    /// <summary>Null where the job takes codes.</summary>
    public PictureInput? Input { get; }

    /// <summary>Null where the job makes no pictures.</summary>
    public PictureOutput? Output { get; }

    /// <summary>The decoded pictures on the device.</summary>
    public GpuBufferRange? Images => _decode?.Image;

    /// <summary>Token ids [B, K] of a finished job: those that it was given, or has made.</summary>
    public ReadOnlySpan<int> Tokens => MemoryMarshal.Cast<byte, int>(ResultBytes);

    /// <summary>Copies latents [B, C, 1, K] of a finished job.</summary>
    public void CopyLatents(Span<float> latents) =>
        LatentLayout.SwapAxes(MemoryMarshal.Cast<byte, float>(ResultBytes), _tokenizer.Spec.LatentTokens, _tokenizer.Spec.TokenSize, latents);

    /// <summary>Takes token ids [B, K], and starts over.</summary>
    public void SetTokens(ReadOnlySpan<int> tokens)
    {
        Reset();
        tokens.CopyTo(MemoryMarshal.Cast<byte, int>(CodeBytes));
        Prepare();
    }

    /// <summary>Takes latents [B, C, 1, K], and starts over.</summary>
    public void SetLatents(ReadOnlySpan<float> latents)
    {
        Reset();
        LatentLayout.SwapAxes(latents, _tokenizer.Spec.TokenSize, _tokenizer.Spec.LatentTokens, MemoryMarshal.Cast<byte, float>(CodeBytes));
        Prepare();
    }

    /// <summary>Takes pictures from elsewhere, and starts over.</summary>
    /// <param name="source">Where from.</param>
    /// <param name="pixels">The pictures, if they come from memory.</param>
    public void SetPictures(PictureSource source, ReadOnlySpan<byte> pixels)
    {
        Reset();
        Input!.Source = source;
        if (source is MemoryPictureSource)
            pixels.CopyTo(Input.Bytes);
        Prepare();
    }

    public override void RequireFinite(int firstPicture = 0)
    {
        if (_tokenizer.Spec.IsVae)
            _tokenizer.Results.Require(MemoryMarshal.Cast<byte, float>(ResultBytes), Batch, FiniteResults.Latents, firstPicture);
        else
            _tokenizer.Results.RequireChosen(Tokens, Batch, _tokenizer.Spec.CodebookSize, FiniteResults.Latents, firstPicture);
        Output?.RequireFinite(_tokenizer.Results, firstPicture);
    }

    protected override void Build(JobParts parts)
    {
        CodesRun.CodesReadback(_codes.SizeInBytes);
        if (_encode is not null)
        {
            Input!.AddTo(parts);
            parts.Add(new JobPart(_encode.Plan, null, 0));
        }
        else
        {
            _decode!.Upload(_codes.SizeInBytes);
            parts.Add(new JobPart(null, _copyInput, 0));
        }
        if (_encode is not null && _decode is not null)
            parts.Add(new JobPart(null, _copyCodes, 0));
        parts.Add(new JobPart(null, _copyResult, 0));
        if (_decode is not null)
        {
            parts.Add(new JobPart(_decode.Plan, null, 0));
            Output!.AddTo(parts, 0);
        }
    }

    protected override bool FreeIdleMemory() => _tokenizer.FreeIdle();

    protected override void GiveBack(SliceTracker? slices)
    {
        if (_decode is not null)
            _tokenizer.Return(_decode, slices);
        if (_encode is not null)
            _tokenizer.Return(_encode, slices);
    }

    /// <summary>The run in whose memory the codes end up.</summary>
    private TokenizerRun CodesRun => _decode ?? _encode!;

    /// <summary>Memory that the device copies codes from: written only while the job is idle.</summary>
    private Span<byte> CodeBytes => _decode!.Upload(_codes.SizeInBytes).Mapped[..(int)_codes.SizeInBytes];

    private ReadOnlySpan<byte> ResultBytes => CodesRun.CodesReadback(_codes.SizeInBytes).Mapped[..(int)_codes.SizeInBytes];
}
