using System.Runtime.InteropServices;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Models;

namespace Titok.Vulkan.Engine;

/// <summary>Tokens or latents to pictures, or pictures to tokens and back.</summary>
internal sealed class CodecJob : Job
{
    private readonly TokenizerEngine _tokenizer;
    private readonly TokenizerRun _decode;
    private readonly TokenizerRun? _encode;
    private readonly GpuBuffer _input;
    private readonly int _inputSizeInBytes;
    private readonly GpuBufferRange _codes;
    private readonly Action<GpuCommands> _copyInput, _copyIds;

    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="batch">Pictures.</param>
    /// <param name="reconstructs">Whether pictures come in, rather than tokens or latents.</param>
    public CodecJob(TokenizerEngine tokenizer, int batch, bool reconstructs)
        : base(tokenizer.Device)
    {
        bool isVae = tokenizer.Spec.Kind == Checkpoints.TokenizerKind.Vae;
        _tokenizer = tokenizer;
        _decode = tokenizer.Rent(isVae ? TokenizerWork.DecodeLatents : TokenizerWork.Decode, batch);
        try
        {
            if (reconstructs)
                _encode = tokenizer.Rent(isVae ? TokenizerWork.EncodeMean : TokenizerWork.Encode, batch);
        }
        catch
        {
            tokenizer.Return(_decode);
            throw;
        }
        Output = new PictureOutput(_decode, tokenizer.Spec.ImageSize);
        string codes = isVae ? TokenizerPlans.Latents : TokenizerPlans.Ids;
        long codesSizeInBytes = (long)batch * tokenizer.Spec.LatentTokens * (isVae ? tokenizer.Spec.TokenSize : 1) * sizeof(uint);
        _codes = new GpuBufferRange(_decode[codes], 0, codesSizeInBytes);
        GpuBufferRange input = _encode?.Image ?? _codes;
        try
        {
            _input = (_encode ?? _decode).Upload(input.SizeInBytes);
        }
        catch
        {
            GiveBack(null);
            throw;
        }
        _inputSizeInBytes = (int)input.SizeInBytes;
        _copyInput = commands => commands.Copy(new GpuBufferRange(_input, 0, input.SizeInBytes), input);
        _copyIds = commands => commands.Copy(new GpuBufferRange(_encode![codes], 0, codesSizeInBytes), _codes);
    }

    public int Batch => _decode.Batch;

    public PictureOutput Output { get; }

    /// <summary>The decoded pictures on the device.</summary>
    public GpuBufferRange Images => _decode.Image;

    /// <summary>Copies the tokens [B, K] that the pictures were decoded from out of a finished job: a submission of its own.</summary>
    public void ReadTokens(Span<int> tokens) => Device.Download(_codes.Buffer, _codes.OffsetInBytes, MemoryMarshal.AsBytes(tokens));

    /// <summary>The same with latents [B, C, 1, K].</summary>
    public void ReadLatents(Span<float> latents)
    {
        float[] rows = new float[latents.Length];
        Device.Download(_codes.Buffer, _codes.OffsetInBytes, MemoryMarshal.AsBytes(rows.AsSpan()));
        LatentLayout.SwapAxes(rows, _tokenizer.Spec.LatentTokens, _tokenizer.Spec.TokenSize, latents);
    }

    /// <summary>Takes tokens [B, K] or pictures [B, 3, S, S], and starts over.</summary>
    public void Set<T>(ReadOnlySpan<T> input)
        where T : unmanaged
    {
        Reset();
        MemoryMarshal.AsBytes(input).CopyTo(Input);
        Prepare();
    }

    /// <summary>Takes latents [B, C, 1, K], and starts over.</summary>
    public void SetLatents(ReadOnlySpan<float> latents)
    {
        Reset();
        LatentLayout.SwapAxes(latents, _tokenizer.Spec.TokenSize, _tokenizer.Spec.LatentTokens, MemoryMarshal.Cast<byte, float>(Input));
        Prepare();
    }

    /// <summary>Memory that the device copies the input from: written only while the job is idle.</summary>
    private Span<byte> Input => _input.Mapped[.._inputSizeInBytes];

    protected override void Build(JobParts parts)
    {
        parts.Add(new JobPart(null, _copyInput, 0));
        if (_encode is not null)
        {
            parts.Add(new JobPart(_encode.Plan, null, 0));
            parts.Add(new JobPart(null, _copyIds, 0));
        }
        parts.Add(new JobPart(_decode.Plan, null, 0));
        Output.AddTo(parts, 0);
    }

    protected override bool FreeIdleMemory() => _tokenizer.FreeIdle();

    protected override void GiveBack(SliceTracker? slices)
    {
        _tokenizer.Return(_decode, slices);
        if (_encode is not null)
            _tokenizer.Return(_encode, slices);
    }
}
