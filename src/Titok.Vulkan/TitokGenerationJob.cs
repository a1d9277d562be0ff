using Titok.Vulkan.Engine;
using Titok.Vulkan.Gpu;

namespace Titok.Vulkan;

/// <summary>A request for pictures, done in slices; see <see cref="TitokPipeline.Begin"/>.</summary>
public sealed class TitokGenerationJob : TitokJob
{
    private readonly GenerationJob _job;
    private readonly TitokPipeline _pipeline;

    internal TitokGenerationJob(TitokPipeline pipeline, GenerationJob job)
        : base(job) =>
        (_pipeline, _job) = (pipeline, job);

    /// <inheritdoc/>
    public override int Pictures => _job.Batch;

    /// <summary>Steps of the sampling loop in all.</summary>
    public int Steps => _job.Steps;

    /// <summary>Steps that are recorded or submitted.</summary>
    public int StepsRecorded => _job.StepsRecorded;

    /// <summary>Steps that the device has executed. Asks the device, and never waits.</summary>
    public int StepsExecuted
    {
        get
        {
            _job.Poll();
            return _job.StepsExecuted;
        }
    }

    /// <summary>Most steps that <see cref="Restart(GenerationRequest)"/> takes: those that the job was begun with, or some more.</summary>
    public int StepCapacity => _job.StepCapacity;

    /// <summary>Whether the output gets pictures after every step, as <see cref="SetOutput(TitokOutput?, bool)"/> was told.</summary>
    public bool PreviewSteps => _job.Output!.AfterEveryStep;

    /// <summary>The model that the job was begun with.</summary>
    public TitokPipeline Pipeline => _pipeline;

    private protected override void ThrowIfModelDisposed() => _pipeline.ThrowIfDisposed();

    private protected override PictureOutput? PictureOutput => _job.Output;

    private protected override GpuBufferRange? DeviceImages => _job.Images;

    /// <param name="output">Where to; null leaves them for <see cref="TitokJob.ReadImages"/>.</param>
    /// <param name="previewSteps">
    /// Whether the output gets pictures after every step, not only after the last: of the tokens with the step's guess at
    /// those that are not settled. Each costs what decoding costs.
    /// </param>
    /// <inheritdoc cref="TitokJob.SetOutput(TitokOutput?)"/>
    public void SetOutput(TitokOutput? output, bool previewSteps) => SetTarget(output, previewSteps);

    /// <summary>Starts over with another request for as many pictures and no more steps than <see cref="StepCapacity"/>.</summary>
    /// <param name="request">Classes, seed, settings and known tokens.</param>
    /// <exception cref="ArgumentException">The request does not fit the job, or the model.</exception>
    /// <exception cref="InvalidOperationException">Slices are on the way; see <see cref="TitokJob.IsIdle"/>.</exception>
    /// <exception cref="OutOfDeviceMemoryException">The first request with guidance has no room for what guidance needs.</exception>
    public void Restart(GenerationRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Check(_pipeline.Generator.Info);
        if (request.Classes.Count != Pictures)
            throw new ArgumentException($"The job makes {Pictures} pictures, the request {request.Classes.Count}.", nameof(request));
        ThrowIfModelDisposed();
        _job.Set(request, 0);
    }

    /// <summary>Starts over with another seed; picture i uses seed + i.</summary>
    /// <exception cref="InvalidOperationException">Slices are on the way; see <see cref="TitokJob.IsIdle"/>.</exception>
    public void Restart(ulong seed)
    {
        ThrowIfModelDisposed();
        _job.SetSeed(seed);
    }

    /// <summary>
    /// Token ids [N, K] after a step that the device has executed; the codebook's size stands for a masked position, which the last
    /// step leaves where logits are no finite numbers.
    /// </summary>
    /// <param name="step">From 0; below <see cref="StepsExecuted"/>.</param>
    /// <param name="tokens">Takes N·K ids.</param>
    /// <exception cref="ArgumentOutOfRangeException">The step is not executed yet.</exception>
    /// <exception cref="ArgumentException">There is too much or too little room.</exception>
    public void ReadTokens(int step, Span<int> tokens)
    {
        _job.Poll();
        ReadOnlySpan<int> ids = _job.Ids(step);
        if (tokens.Length != ids.Length)
            throw new ArgumentException($"There is room for {tokens.Length} tokens; {ids.Length} were expected.", nameof(tokens));
        ids.CopyTo(tokens);
    }

    /// <summary>The finished pictures' token ids [N, K].</summary>
    /// <param name="tokens">Takes N·K ids.</param>
    /// <exception cref="ArgumentException">There is too much or too little room.</exception>
    /// <exception cref="InvalidOperationException">The last step is not executed yet.</exception>
    public void ReadTokens(Span<int> tokens)
    {
        Require(StepsExecuted == Steps);
        ReadTokens(Steps - 1, tokens);
    }
}
