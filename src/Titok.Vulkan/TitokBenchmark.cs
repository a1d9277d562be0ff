using System.Diagnostics;
using Titok.Vulkan.Engine;
using Titok.Vulkan.Gpu;

namespace Titok.Vulkan;

/// <summary>Measures how long a model takes on a device.</summary>
public static class TitokBenchmark
{
    /// <summary>Generates a batch of pictures again and again, and encodes one, after a warm-up.</summary>
    /// <param name="pipeline">The model.</param>
    /// <param name="batch">Pictures a run.</param>
    /// <param name="runs">Runs that are measured.</param>
    /// <param name="warmup">Runs before them that are not: the first one compiles kernels.</param>
    /// <param name="settings">Settings of the sampling loop.</param>
    /// <param name="progress">Told the share of all runs that is done, 0 to 1.</param>
    /// <param name="cancellation">Looked at between steps.</param>
    /// <remarks>Nobody else may use the pipeline meanwhile: its times would be counted as well.</remarks>
    /// <exception cref="ArgumentException">A count or a setting is out of its range.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static TitokBenchmarkResult Run(
        TitokPipeline pipeline, int batch, int runs, int warmup, GenerationSettings settings, IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(runs, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(warmup);
        ArgumentNullException.ThrowIfNull(pipeline);
        int classes = pipeline.Generator.Info.Classes;
        var request = new GenerationRequest { Classes = [.. Enumerable.Range(0, batch).Select(i => i % classes)], Settings = settings };
        request.Check(pipeline.Generator.Info);
        float[] images = ResultArray.New<float>(batch, pipeline.Tokenizer.Engine.PictureLength);
        int[] tokens = ResultArray.New<int>(batch, pipeline.Tokenizer.Info.LatentTokens);
        var results = new List<Dictionary<string, double>>();
        double? first = null;
        for (int run = -warmup; run < runs; run++)
        {
            Dictionary<string, double> stages = Measure(pipeline, request with { Seed = (ulong)(run + warmup) }, images, tokens, cancellation);
            first ??= stages["total"];
            if (run >= 0)
                results.Add(stages);
            progress?.Report((run + warmup + 1.0) / (warmup + runs));
        }
        return new TitokBenchmarkResult
        {
            Batch = batch,
            FirstMilliseconds = first!.Value,
            TotalMilliseconds = [.. results.Select(r => r["total"])],
            EncodeMilliseconds = [.. results.Select(r => r["encode"])],
            StagesMilliseconds = results[0].Keys.Except(["total", "encode"]).ToDictionary(k => k, k => (IReadOnlyList<double>)[.. results.Select(r => r[k])]),
        };
    }

    /// <summary>
    /// Where each stage's time goes, kernel by kernel: "generator" is one step with guidance, "decoder" and "encoder" one
    /// pass each. Empty where the device has no timestamps.
    /// </summary>
    /// <param name="pipeline">The model.</param>
    /// <param name="batch">Pictures a pass; as many of them as one submission takes.</param>
    /// <param name="settings">Settings of the sampling loop.</param>
    /// <exception cref="ArgumentException">The batch or a setting is out of its range.</exception>
    public static IReadOnlyDictionary<string, IReadOnlyList<TitokKernelTime>> Profile(TitokPipeline pipeline, int batch, GenerationSettings settings)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        GeneratorEngine generator = pipeline.Generator.Engine;
        TokenizerEngine tokenizer = pipeline.Tokenizer.Engine;
        batch = Math.Min(batch, Math.Min(generator.Batch, tokenizer.Batch));
        var profiles = new Dictionary<string, IReadOnlyList<TitokKernelTime>>();

        var request = new GenerationRequest { Classes = [.. Enumerable.Repeat(0, batch)], Settings = settings };
        request.Check(pipeline.Generator.Info);
        SamplingLoop loop = generator.Rent(batch, settings.Steps);
        try
        {
            SamplingInput input = loop.CreateInput();
            input.Set(request, 0);
            profiles["generator"] = PlanProfile.Kernels(generator.Device, loop.Step(guided: true), generator.LongestSlice, commands => loop.WriteStart(commands, input));
        }
        finally
        {
            generator.Return(loop, null);
        }

        foreach ((string stage, TokenizerWork work) in new[] { ("decoder", TokenizerWork.Decode), ("encoder", TokenizerWork.Encode) })
            profiles[stage] = Profile(tokenizer, work, batch, (device, plan, longest) => PlanProfile.Kernels(device, plan, longest));
        return profiles;
    }

    /// <summary>The best that the device does in the model's precision.</summary>
    public static TitokDeviceCeilings Ceilings(TitokPipeline pipeline)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        return CeilingMeasurement.Measure(pipeline.Tokenizer.Engine.Device, pipeline.Tokenizer.Engine.Profile);
    }

    private static Dictionary<string, double> Measure(
        TitokPipeline pipeline, GenerationRequest request, float[] images, int[] tokens, CancellationToken cancellation)
    {
        var stages = new Dictionary<string, double>();
        void Add(string stage, double milliseconds) =>
            stages[stage] = stages.GetValueOrDefault(stage) + milliseconds;
        // Where plans are cut no recording has the times of its parts; they are taken apart from what is measured by the clock.
        var cut = new List<(TokenizerWork Work, int Batch)>();
        void OnRun(TokenizerRun run)
        {
            if (!pipeline.Tokenizer.Engine.LongestSlice.IsWhole)
                cut.Add((run.Work, run.Batch));
            else
                AddParts(run.Plan.PartTimes());
        }
        void AddParts(IEnumerable<(string Part, double Milliseconds)> times)
        {
            foreach ((string part, double milliseconds) in times)
                Add(StageOf(part), milliseconds);
        }

        int pictureLength = images.Length / request.Classes.Count;
        long start = Stopwatch.GetTimestamp(), generating = start;
        TokenizerEngine tokenizer = pipeline.Tokenizer.Engine;
        tokenizer.OnRun = OnRun;
        try
        {
            pipeline.Generator.Run(request, null, null, cancellation, (job, first) =>
            {
                Add("generator", Stopwatch.GetElapsedTime(generating).TotalMilliseconds);
                tokenizer.Decode(job.Ids(job.Steps - 1), job.Batch, images.AsSpan(first * pictureLength, job.Batch * pictureLength), null, cancellation);
                generating = Stopwatch.GetTimestamp();
            });
            stages["total"] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            long encoding = Stopwatch.GetTimestamp();
            pipeline.Tokenizer.Encode(images, request.Classes.Count, tokens, cancellation: cancellation);
            stages["encode"] = Stopwatch.GetElapsedTime(encoding).TotalMilliseconds;
        }
        finally
        {
            tokenizer.OnRun = null;
        }
        foreach ((TokenizerWork work, int batch) in cut)
            AddParts(Profile(tokenizer, work, batch, PlanProfile.Parts));
        return stages;
    }

    private static T Profile<T>(TokenizerEngine tokenizer, TokenizerWork work, int batch, Func<GpuDevice, PlanInstance, SliceBudget, T> profile)
    {
        TokenizerRun run = tokenizer.Rent(work, batch);
        try
        {
            return profile(tokenizer.Device, run.Plan, tokenizer.LongestSlice);
        }
        finally
        {
            tokenizer.Return(run);
        }
    }

    private static string StageOf(string part) => part switch
    {
        "encoder" => "encoder",
        "decoder" => "transformer decoder",
        "pixel_quantize" or "pixel_decoder" => "pixel decoder",
        _ => "other",
    };
}
