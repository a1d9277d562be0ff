namespace Titok.Vulkan.Native;

/// <summary>A job as C code holds it: one thread at a time.</summary>
internal sealed class NativeJob(TitokJob job) : IDisposable
{
    private int _isBusy;

    public TitokJob Job => job;

    public TitokGenerationJob Generation => job as TitokGenerationJob
        ?? throw new NativeException(NativeResult.InvalidOperation, "The job generates nothing: it was not begun by titokJobGenerate.");

    public TitokTokenizerJob Tokenizing => job as TitokTokenizerJob
        ?? throw new NativeException(NativeResult.InvalidOperation, "The job takes a request, not tokens, latents or pictures.");

    /// <summary>Takes the job for one call.</summary>
    public static Visit Enter(nint handle)
    {
        NativeJob job = HandleTable.Get<NativeJob>(handle);
        if (Interlocked.Exchange(ref job._isBusy, 1) != 0)
            throw new NativeException(NativeResult.Busy, "Another thread is in this job; a job belongs to one thread at a time.");
        return new Visit(job);
    }

    public void Dispose() => job.Dispose();

    /// <summary>A call's stay in a job: until it is over no other gets in.</summary>
    public readonly ref struct Visit(NativeJob job) : IDisposable
    {
        public NativeJob Job => job;

        public void Dispose() => Volatile.Write(ref job._isBusy, 0);
    }
}
