namespace Titok.Vulkan.Native;

/// <summary>A job as C code holds it: one thread at a time.</summary>
internal sealed class NativeJob(TitokJob job) : IDisposable
{
    private int _isBusy;

    public TitokJob Job
    {
        get
        {
            if (Volatile.Read(ref _isBusy) == 0)
                throw new InvalidOperationException();
            return job;
        }
    }

    public TitokGenerationJob Generation => Job as TitokGenerationJob
        ?? throw new NativeException(NativeResult.InvalidOperation, "The job makes no tokens: it was begun by titokJobDecode or titokJobReconstruct.");

    public TitokPictureJob Pictures => Job as TitokPictureJob
        ?? throw new NativeException(NativeResult.InvalidOperation, "The job takes a request, not tokens or pictures.");

    /// <summary>Takes the job for one call.</summary>
    public static NativeJob Enter(nint handle)
    {
        NativeJob job = HandleTable.Get<NativeJob>(handle);
        if (Interlocked.Exchange(ref job._isBusy, 1) != 0)
            throw new NativeException(NativeResult.Busy, "Another thread is in this job; a job belongs to one thread at a time.");
        return job;
    }

    public static void Leave(NativeJob? job)
    {
        if (job is not null)
            Volatile.Write(ref job._isBusy, 0);
    }

    public void Dispose() => job.Dispose();
}
