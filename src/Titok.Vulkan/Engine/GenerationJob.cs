using Titok.Vulkan.Gpu;
using Titok.Vulkan.Models;

namespace Titok.Vulkan.Engine;

/// <summary>The sampling loop for one batch, and with a tokenizer the pictures of its ids.</summary>
internal sealed class GenerationJob : Job
{
    private readonly GeneratorEngine _generator;
    private readonly TokenizerEngine? _tokenizer;
    private readonly SamplingLoop _loop;
    private readonly SamplingInput _input;
    private readonly TokenizerRun? _decode;
    private readonly Action<GpuCommands> _writeStart, _copyIds, _copyCandidates;

    public GenerationJob(GeneratorEngine generator, TokenizerEngine? tokenizer, int batch, int steps)
        : base(generator.Device)
    {
        (_generator, _tokenizer) = (generator, tokenizer);
        _loop = MemoryShortage.Retry((this, batch, steps), static with => with.Item1._generator.Rent(with.batch, with.steps), static with => with.Item1.FreeIdleMemory());
        try
        {
            if (tokenizer is not null)
                _decode = MemoryShortage.Retry((this, batch), static with => with.Item1._tokenizer!.Rent(TokenizerWork.Decode, with.batch), static with => with.Item1.FreeIdleMemory());
        }
        catch
        {
            generator.Return(_loop, null);
            throw;
        }
        _input = _loop.CreateInput();
        _writeStart = commands => _loop.WriteStart(commands, _input);
        _copyIds = commands => commands.Copy(_loop.Ids, _decode!.Ids);
        _copyCandidates = commands => commands.Copy(_loop.Candidates, _decode!.Ids);
        if (_decode is not null)
            Output = new PictureOutput(_decode, tokenizer!.Spec.ImageSize);
    }

    public int Batch => _loop.Batch;

    public int Steps => _input.Steps;

    public int StepCapacity => _loop.StepCapacity;

    /// <summary>Null where there is no tokenizer.</summary>
    public PictureOutput? Output { get; }

    /// <summary>The decoded pictures on the device; null where there is no tokenizer.</summary>
    public GpuBufferRange? Images => _decode?.Image;

    /// <summary>Takes pictures [first, first + batch) of a request, which has been checked, and starts over.</summary>
    public void Set(GenerationRequest request, int first)
    {
        if (request.Settings.Steps > StepCapacity)
            throw new ArgumentException($"The job was begun with room for {StepCapacity} steps, not {request.Settings.Steps}.", nameof(request));
        Reset();
        _input.Set(request, first);
        Prepare();
    }

    /// <summary>The same request with another seed.</summary>
    public void SetSeed(ulong seed)
    {
        Reset();
        _input.SetSeed(seed);
        Prepare();
    }

    /// <summary>Ids [B, K] after a step that the device has done.</summary>
    public ReadOnlySpan<int> Ids(int step)
    {
        if (step < 0 || step >= StepsExecuted)
            throw new ArgumentOutOfRangeException(nameof(step), step, $"Step {step} is not executed; {StepsExecuted} of {Steps} steps are.");
        return _loop.History(step);
    }

    public override void RequireFinite(int firstPicture = 0)
    {
        _generator.Results.RequireChosen(Ids(Steps - 1), Batch, _generator.Spec.CodebookSize, FiniteResults.Logits, firstPicture);
        Output?.RequireFinite(_tokenizer!.Results, firstPicture);
    }

    protected override void Build(JobParts parts)
    {
        parts.Add(new JobPart(null, _writeStart, 0));
        for (int step = 0; step < Steps; step++)
        {
            parts.Add(new JobPart(_loop.Step(SamplingSchedule.IsGuided(_input.Settings[step])), null, step + 1));
            if (_decode is not null && (Output!.AfterEveryStep || step == Steps - 1))
                AddDecoding(parts, step + 1);
        }
    }

    protected override bool FreeIdleMemory() => _generator.FreeIdle() | (_tokenizer?.FreeIdle() ?? false);

    protected override void GiveBack(SliceTracker? slices)
    {
        _generator.Return(_loop, slices);
        if (_decode is not null)
            _tokenizer!.Return(_decode, slices);
    }

    private void AddDecoding(JobParts parts, int step)
    {
        parts.Add(new JobPart(null, step == Steps ? _copyIds : _copyCandidates, step));
        parts.Add(new JobPart(_decode!.Plan, null, step));
        Output!.AddTo(parts, step);
    }
}
