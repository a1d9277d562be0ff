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
    private readonly byte[] _input;
    private readonly Action<GpuCommands> _writeInput, _copyIds;

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
        GpuBuffer input = _encode?[TokenizerPlans.Image] ?? _decode[codes];
        int codeLength = tokenizer.Spec.LatentTokens * (isVae ? tokenizer.Spec.TokenSize : 1) * sizeof(uint);
        _input = new byte[batch * (reconstructs ? tokenizer.PictureLength * sizeof(float) : codeLength)];
        _writeInput = commands => commands.Update(input, _input);
        _copyIds = commands => commands.Copy(
            new GpuBufferRange(_encode![codes], 0, (long)batch * codeLength), new GpuBufferRange(_decode[codes], 0, (long)batch * codeLength));
    }

    public int Batch => _decode.Batch;

    public PictureOutput Output { get; }

    /// <summary>The decoded pictures on the device.</summary>
    public GpuBufferRange Images => _decode.Image;

    /// <summary>Takes tokens [B, K] or pictures [B, 3, S, S], and starts over.</summary>
    public void Set<T>(ReadOnlySpan<T> input)
        where T : unmanaged
    {
        Reset();
        MemoryMarshal.AsBytes(input).CopyTo(_input);
    }

    /// <summary>Takes latents [B, C, 1, K], and starts over.</summary>
    public void SetLatents(ReadOnlySpan<float> latents)
    {
        Reset();
        LatentLayout.SwapAxes(latents, _tokenizer.Spec.TokenSize, _tokenizer.Spec.LatentTokens, MemoryMarshal.Cast<byte, float>(_input.AsSpan()));
    }

    protected override void Build(JobParts parts)
    {
        parts.Add(new JobPart(null, _writeInput, 0));
        if (_encode is not null)
        {
            parts.Add(new JobPart(_encode.Plan, null, 0));
            parts.Add(new JobPart(null, _copyIds, 0));
        }
        parts.Add(new JobPart(_decode.Plan, null, 0));
        Output.AddTo(parts, 0);
    }

    protected override void GiveBack(SliceTracker? slices)
    {
        _tokenizer.Return(_decode, slices);
        if (_encode is not null)
            _tokenizer.Return(_encode, slices);
    }
}
