using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Models;

namespace Titok.Vulkan.Engine;

/// <summary>A tokenizer on a device. The runs that requests rent are made on first use and used again. Any thread may use it.</summary>
internal sealed class TokenizerEngine : IDisposable
{
    private readonly TokenizerPlans _plans;
    private readonly SlotPool<(TokenizerWork Work, int Batch), TokenizerRun> _runs;
    private readonly ConcurrentDictionary<(TokenizerWork Work, int Batch), PlanCosts> _costs = new();
    private readonly ConcurrentDictionary<(bool FromPixels, PixelLayout Layout, int Batch), PlanCosts> _pixelCosts = new();
    private readonly DispatchRate _rate;

    public TokenizerEngine(GpuDevice device, TokenizerSpec spec, KernelProfile profile)
    {
        Device = device;
        _runs = new SlotPool<(TokenizerWork Work, int Batch), TokenizerRun>(device.Disposals, nameof(TitokTokenizer));
        Spec = spec;
        Profile = profile;
        Results = new FiniteResults(profile);
        LongestSlice = SubmissionSize.Longest(device.Physical, profile);
        var batch = TokenizerBatch.ThatFits(device.Physical, spec, profile);
        Batch = batch.Pictures;
        _plans = new TokenizerPlans(spec, profile, batch.InPixelDecoder);
        _rate = new DispatchRate(device.Physical.Type);
        Weights = new WeightStore(device);
    }

    public GpuDevice Device { get; }

    public TokenizerSpec Spec { get; }

    public KernelProfile Profile { get; }

    public WeightStore Weights { get; }

    public FiniteResults Results { get; }

    /// <summary>Most pictures that one submission works on; longer requests run in several.</summary>
    public int Batch { get; }

    /// <summary>What of a plan is submitted at a time; tests cut it finer.</summary>
    public SliceBudget LongestSlice { get; set; }

    /// <summary>Told of every finished run, for whoever measures.</summary>
    public Action<TokenizerRun>? OnRun { get; set; }

    /// <summary>Pictures to codes: token ids, or the means of a VAE's latents.</summary>
    public TokenizerWork ToCodes => Spec.IsVae ? TokenizerWork.EncodeMean : TokenizerWork.Encode;

    /// <summary>Codes to pictures.</summary>
    public TokenizerWork FromCodes => Spec.IsVae ? TokenizerWork.DecodeLatents : TokenizerWork.Decode;

    /// <summary>Floats in a planar picture.</summary>
    public int PictureLength => 3 * Spec.ImageSize * Spec.ImageSize;

    /// <summary>Loads what requests want in both directions.</summary>
    public void LoadWeights(Checkpoint checkpoint, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ExecutionPlan encode = Plan(ToCodes, 1), decode = Plan(FromCodes, 1);
        Weights.Load(checkpoint, encode.Weights.Concat(decode.Weights), progress, cancellation);
    }

    public void Encode(ReadOnlySpan<float> images, int count, Span<int> ids, IProgress<int>? progress, CancellationToken cancellation)
    {
        Run(TokenizerWork.Encode, count, TokenizerPlans.Image, images, TokenizerPlans.Ids, ids, null, progress, cancellation);
        Results.RequireChosen(ids, count, Spec.CodebookSize, FiniteResults.Latents);
    }

    /// <summary>Latents [N, K, C]: the mean, or a sample with seed + i for picture i.</summary>
    public void EncodeLatents(
        ReadOnlySpan<float> images, int count, Span<float> latents, ulong? seed, IProgress<int>? progress, CancellationToken cancellation)
    {
        TokenizerWork work = seed is null ? TokenizerWork.EncodeMean : TokenizerWork.EncodeSample;
        Run(work, count, TokenizerPlans.Image, images, TokenizerPlans.Latents, latents, seed, progress, cancellation);
        Results.Require(latents, count, FiniteResults.Latents);
    }

    public void Decode(ReadOnlySpan<int> ids, int count, Span<float> images, IProgress<int>? progress, CancellationToken cancellation)
    {
        Run(TokenizerWork.Decode, count, TokenizerPlans.Ids, ids, TokenizerPlans.Image, images, null, progress, cancellation);
        Results.Require(images, count, FiniteResults.Pixels);
    }

    public void DecodeLatents(ReadOnlySpan<float> latents, int count, Span<float> images, IProgress<int>? progress, CancellationToken cancellation)
    {
        Run(TokenizerWork.DecodeLatents, count, TokenizerPlans.Latents, latents, TokenizerPlans.Image, images, null, progress, cancellation);
        Results.Require(images, count, FiniteResults.Pixels);
    }

    /// <summary>A run of this kind; the caller's until it is returned.</summary>
    public TokenizerRun Rent(TokenizerWork work, int batch) =>
        _runs.Rent((work, batch), this, static (key, engine) => new TokenizerRun(engine, key.Work, key.Batch));

    public void Return(TokenizerRun run, SliceTracker? slices = null) => _runs.Return((run.Work, run.Batch), run, slices);

    /// <summary>Frees the runs that nobody has rented; whether there were any.</summary>
    public bool FreeIdle() => _runs.FreeIdle();

    public ExecutionPlan Plan(TokenizerWork work, int batch) => work switch
    {
        TokenizerWork.Encode => _plans.Encode(batch),
        TokenizerWork.EncodeMean => _plans.EncodeLatents(batch, sample: false),
        TokenizerWork.EncodeSample => _plans.EncodeLatents(batch, sample: true),
        TokenizerWork.Decode => _plans.Decode(batch),
        _ => _plans.DecodeLatents(batch),
    };

    public PlanCosts Costs((TokenizerWork Work, int Batch) plan, ExecutionPlan made) => _costs.GetOrAdd(plan, _ => new PlanCosts(_rate, made));

    public PlanCosts PixelCosts(bool fromPixels, PixelLayout layout, int batch, ExecutionPlan made) => _pixelCosts.GetOrAdd((fromPixels, layout, batch), _ => new PlanCosts(_rate, made));

    public void Dispose()
    {
        _runs.Dispose();
        Weights.Dispose();
    }

    /// <summary>In batches as large as the device takes, and as its memory has room for.</summary>
    private void Run<TIn, TOut>(
        TokenizerWork work, int count, string input, ReadOnlySpan<TIn> from, string output, Span<TOut> to, ulong? seed,
        IProgress<int>? progress, CancellationToken cancellation)
        where TIn : unmanaged
        where TOut : unmanaged
    {
        int most = Batch, fromLength = from.Length / count, toLength = to.Length / count;
        cancellation.ThrowIfCancellationRequested();
        for (int first = 0; first < count;)
        {
            TokenizerRun run = MemoryShortage.Fit(Math.Min(most, count - first), (Engine: this, work), static (with, batch) => with.Engine.Rent(with.work, batch));
            try
            {
                most = run.Batch;
                Device.Upload(run[input], 0, MemoryMarshal.AsBytes(from.Slice(first * fromLength, most * fromLength)));
                if (seed is { } start)
                {
                    Span<byte> seeds = new byte[most * sizeof(ulong)];
                    PictureSeeds.Write(seeds, unchecked(start + (ulong)first), most);
                    Device.Upload(run[TokenizerPlans.Seeds], 0, seeds);
                }
                Execute(run.Plan, cancellation);
                // It waits for what was submitted before it, so that nobody else has to.
                Device.Download(run[output], 0, MemoryMarshal.AsBytes(to.Slice(first * toLength, most * toLength)));
                OnRun?.Invoke(run);
            }
            finally
            {
                Return(run);
            }
            first += most;
            progress?.Report(first);
            // After the last batch as well, as when generating.
            cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Submits all of a plan; where that goes by slices, the last of them is over when this returns.</summary>
    private void Execute(PlanInstance plan, CancellationToken cancellation)
    {
        if (LongestSlice.IsWhole)
        {
            Device.Submit([plan.Recording]);
            return;
        }
        using var job = new PlanJob(Device, plan);
        job.RunToEnd(LongestSlice, null, cancellation);
    }
}
