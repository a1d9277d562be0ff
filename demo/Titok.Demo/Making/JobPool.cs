using Silk.NET.Vulkan;
using Titok.Demo.Graphics;
using Titok.Vulkan;

namespace Titok.Demo.Making;

/// <summary>A job with the buffer that its pictures go to, RGBA.</summary>
internal sealed record RentedJob(TitokJob Job, DeviceBuffer Output)
{
    /// <summary>Settings that it has all kernels and memory for; null where it takes none.</summary>
    public GenerationSettings? Settings { get; set; }

    /// <summary>Most steps that it takes; 0 where it has none.</summary>
    public int StepCapacity => (Job as TitokGenerationJob)?.StepCapacity ?? 0;
}

/// <summary>Jobs that were used and can be used again, so that the stream allocates nothing once it flows.</summary>
internal sealed class JobPool(GraphicsDevice device, TitokPipeline pipeline) : IDisposable
{
    // Jobs are made away from the frames, in which others are taken and returned.
    private readonly Lock _lock = new();
    private readonly List<RentedJob> _free = [];
    private readonly int _pictureSizeInBytes = 4 * pipeline.Tokenizer.Info.ImageSize * pipeline.Tokenizer.Info.ImageSize;

    public TitokPipeline Pipeline => pipeline;

    /// <summary>
    /// Makes what <see cref="Generate"/> takes, away from the frames: kernels and memory, which take long. Null where a job that
    /// is free has all of it.
    /// </summary>
    public Task? Prepare(GenerationRequest request)
    {
        lock (_lock)
        {
            if (_free.Any(j => IsReady(j, request)))
                return null;
        }
        // Other settings may want no more than the plan of steps without guidance.
        RentedJob? free = Take(j => j.Job is TitokGenerationJob && j.Job.Pictures == request.Classes.Count && j.StepCapacity >= request.Settings.Steps);
        return Task.Run(() => Add(free is null ? Make(request) : Change(free, request)));
    }

    /// <summary>The same for <see cref="Decode"/>.</summary>
    public Task? PrepareDecode()
    {
        lock (_lock)
        {
            if (_free.Any(IsDecoder))
                return null;
        }
        return Task.Run(() =>
        {
            TitokTokenizerJob job = pipeline.Tokenizer.BeginDecode(new int[pipeline.Tokenizer.Info.LatentTokens], 1);
            Add(WithOutput(job, job.SetOutput));
        });
    }

    /// <summary>The same for <see cref="Reconstruct"/>, of a picture [3, S, S].</summary>
    public Task PrepareReconstruct(float[] planar) => Task.Run(() =>
    {
        if (Take(IsReconstructor) is { } free)
        {
            Restarted(free, planar, static (job, planar) => ((TitokTokenizerJob)job).Restart(planar));
            Add(free);
            return;
        }
        TitokTokenizerJob job = pipeline.Tokenizer.BeginReconstruct(planar, 1);
        Add(WithOutput(job, job.SetOutput));
    });

    /// <summary>Pictures born step by step, each step's decoded, by a job that is prepared.</summary>
    public RentedJob Generate(GenerationRequest request) =>
        Restarted(TakePrepared(j => IsReady(j, request)), request, static (job, request) => ((TitokGenerationJob)job).Restart(request));

    /// <summary>The picture of some tokens, by a job that is prepared.</summary>
    public RentedJob Decode(int[] ids) =>
        Restarted(TakePrepared(IsDecoder), ids, static (job, ids) => ((TitokTokenizerJob)job).Restart(ids));

    /// <summary>The tokens of the picture that was prepared, and the picture of these.</summary>
    public RentedJob Reconstruct() => TakePrepared(IsReconstructor);

    /// <summary>Takes back a job that the device is done with.</summary>
    public void Return(RentedJob job)
    {
        lock (_lock)
        {
            // One that could not take this many steps will not be asked for again soon.
            foreach (RentedJob smaller in _free.Where(j => j.Job is TitokGenerationJob && job.Job is TitokGenerationJob && j.Job.Pictures == job.Job.Pictures && j.StepCapacity < job.StepCapacity).ToArray())
            {
                _free.Remove(smaller);
                Destroy(smaller);
            }
            _free.Add(job);
        }
    }

    public void Dispose()
    {
        foreach (RentedJob job in _free)
            Destroy(job);
        _free.Clear();
    }

    /// <summary>Gives up a job and its buffer.</summary>
    public static void Destroy(RentedJob job)
    {
        job.Job.Dispose();
        job.Output.Dispose();
    }

    private static bool IsReady(RentedJob job, GenerationRequest request) =>
        job.Job.Pictures == request.Classes.Count && job.Settings == request.Settings;

    private static bool IsDecoder(RentedJob job) => job.Job is TitokTokenizerJob { Encodes: false };

    private static bool IsReconstructor(RentedJob job) => job.Job is TitokTokenizerJob { Encodes: true };

    private RentedJob TakePrepared(Func<RentedJob, bool> suits) =>
        Take(suits) ?? throw new InvalidOperationException("No job is prepared for this.");

    /// <summary>Has a job start over. Where that fails it is as free as before.</summary>
    private RentedJob Restarted<TWith>(RentedJob job, TWith with, Action<TitokJob, TWith> restart)
    {
        try
        {
            restart(job.Job, with);
            return job;
        }
        catch
        {
            Add(job);
            throw;
        }
    }

    private void Add(RentedJob job)
    {
        lock (_lock)
            _free.Add(job);
    }

    private RentedJob? Take(Func<RentedJob, bool> suits)
    {
        lock (_lock)
        {
            RentedJob? found = _free.FirstOrDefault(suits);
            if (found is not null)
                _free.Remove(found);
            return found;
        }
    }

    private RentedJob Make(GenerationRequest request)
    {
        TitokGenerationJob job = pipeline.Begin(request);
        RentedJob made = WithOutput(job, output => job.SetOutput(output, previewSteps: true));
        made.Settings = request.Settings;
        return made;
    }

    /// <summary>Makes what a job lacks for other settings. It is as good as before where that fails.</summary>
    private RentedJob Change(RentedJob job, GenerationRequest request)
    {
        Restarted(job, request, static (job, request) => ((TitokGenerationJob)job).Restart(request));
        job.Settings = request.Settings;
        return job;
    }

    private RentedJob WithOutput(TitokJob job, Action<TitokOutput> setOutput)
    {
        DeviceBuffer? buffer = null;
        try
        {
            buffer = new DeviceBuffer(device, (long)job.Pictures * _pictureSizeInBytes, BufferUsageFlags.TransferDstBit | BufferUsageFlags.TransferSrcBit);
            setOutput(new TitokBufferOutput { Buffer = buffer.Handle.Handle });
            return new RentedJob(job, buffer);
        }
        catch
        {
            job.Dispose();
            buffer?.Dispose();
            throw;
        }
    }
}
