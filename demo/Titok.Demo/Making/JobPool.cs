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

    /// <summary>
    /// Pictures born step by step, each step's decoded. Kernels and memory take long to make, so what no free job has is made
    /// away from the frames.
    /// </summary>
    public Preparation Generate(GenerationRequest request)
    {
        if (Take(j => IsReady(j, request)) is { } ready)
            return Ready(ready, request, Restart);
        // Other settings may want no more than the plan of steps without guidance.
        RentedJob? free = Take(j => j.Job is TitokGenerationJob && j.Job.Pictures == request.Classes.Count && j.StepCapacity >= request.Settings.Steps);
        return Making(() => free is null ? Make(request) : Restarted(free, request, Restart));
    }

    /// <summary>The picture of some tokens.</summary>
    public Preparation Decode(int[] ids)
    {
        if (Take(j => j.Job is TitokTokenizerJob { Encodes: false }) is { } ready)
            return Ready(ready, ids, static (job, ids) => ((TitokTokenizerJob)job.Job).Restart(ids));
        return Making(() => WithOutput(pipeline.Tokenizer.BeginDecode(ids, 1)));
    }

    /// <summary>The tokens of a picture [3, S, S], and the picture of these.</summary>
    public Preparation Reconstruct(float[] planar)
    {
        if (Take(j => j.Job is TitokTokenizerJob { Encodes: true }) is { } ready)
            return Ready(ready, planar, static (job, planar) => ((TitokTokenizerJob)job.Job).Restart(planar));
        return Making(() => WithOutput(pipeline.Tokenizer.BeginReconstruct(planar, 1)));
    }

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

    private Preparation Ready<TWith>(RentedJob job, TWith with, Action<RentedJob, TWith> restart) => new(Restarted(job, with, restart), null);

    private static Preparation Making(Func<RentedJob> make) => new(null, Task.Run(make));

    private static void Restart(RentedJob job, GenerationRequest request)
    {
        ((TitokGenerationJob)job.Job).Restart(request);
        job.Settings = request.Settings;
    }

    /// <summary>Has a job start over. Where that fails it is as free as before.</summary>
    private RentedJob Restarted<TWith>(RentedJob job, TWith with, Action<RentedJob, TWith> restart)
    {
        try
        {
            restart(job, with);
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

    private RentedJob WithOutput(TitokTokenizerJob job) => WithOutput(job, job.SetOutput);

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
