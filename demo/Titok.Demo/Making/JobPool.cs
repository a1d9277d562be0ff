using Silk.NET.Vulkan;
using Titok.Demo.Graphics;
using Titok.Vulkan;

namespace Titok.Demo.Making;

/// <summary>A job with the buffer that its pictures go to, RGBA.</summary>
internal sealed record RentedJob(TitokJob Job, DeviceBuffer Output)
{
    /// <summary>Most steps that it takes; 0 where it has none.</summary>
    public int StepCapacity => (Job as TitokGenerationJob)?.StepCapacity ?? 0;
}

/// <summary>Jobs that were used and can be used again, so that the stream allocates nothing once it flows.</summary>
internal sealed class JobPool(GraphicsDevice device, TitokPipeline pipeline) : IDisposable
{
    private readonly List<RentedJob> _free = [];
    private readonly int _pictureSizeInBytes = 4 * pipeline.Tokenizer.Info.ImageSize * pipeline.Tokenizer.Info.ImageSize;

    /// <summary>Pictures born step by step, each step's decoded.</summary>
    public RentedJob Generate(GenerationRequest request)
    {
        if (Take(j => j.Job is TitokGenerationJob && j.Job.Pictures == request.Classes.Count && j.StepCapacity >= request.Settings.Steps) is { } free)
        {
            ((TitokGenerationJob)free.Job).Restart(request);
            return free;
        }
        TitokGenerationJob job = pipeline.Begin(request);
        (DeviceBuffer buffer, TitokBufferOutput output) = MakeOutput(job);
        job.SetOutput(output, previewSteps: true);
        return new RentedJob(job, buffer);
    }

    /// <summary>The picture of some tokens.</summary>
    public RentedJob Decode(int[] ids)
    {
        if (Take(j => j.Job is TitokPictureJob) is { } free)
        {
            ((TitokPictureJob)free.Job).Restart(ids);
            return free;
        }
        TitokPictureJob job = pipeline.Tokenizer.BeginDecode(ids, 1);
        (DeviceBuffer buffer, TitokBufferOutput output) = MakeOutput(job);
        job.SetOutput(output);
        return new RentedJob(job, buffer);
    }

    /// <summary>Takes back a job that the device is done with.</summary>
    public void Return(RentedJob job)
    {
        // One that could not take this many steps will not be asked for again soon.
        foreach (RentedJob smaller in _free.Where(j => j.Job is TitokGenerationJob && job.Job is TitokGenerationJob && j.Job.Pictures == job.Job.Pictures && j.StepCapacity < job.StepCapacity).ToArray())
        {
            _free.Remove(smaller);
            Destroy(smaller);
        }
        _free.Add(job);
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

    private RentedJob? Take(Func<RentedJob, bool> suits)
    {
        RentedJob? found = _free.FirstOrDefault(j => suits(j) && j.Job.IsIdle);
        if (found is not null)
            _free.Remove(found);
        return found;
    }

    private (DeviceBuffer Buffer, TitokBufferOutput Output) MakeOutput(TitokJob job)
    {
        var buffer = new DeviceBuffer(device, (long)job.Pictures * _pictureSizeInBytes, BufferUsageFlags.TransferDstBit | BufferUsageFlags.TransferSrcBit);
        return (buffer, new TitokBufferOutput { Buffer = buffer.Handle.Handle });
    }
}
