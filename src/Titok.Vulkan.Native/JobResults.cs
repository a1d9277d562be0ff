using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Titok.Vulkan.Native;

/// <summary>The functions that ask a job for something.</summary>
internal static unsafe class JobResults
{
    [UnmanagedCallersOnly(EntryPoint = "titokJobGetStatus", CallConvs = [typeof(CallConvCdecl)])]
    public static int GetStatus(nint job, NativeJobStatus* status) => Call.In(job).Do(Arguments.Pointer(status), static (job, status) =>
    {
        ref NativeJobStatus to = ref status.Structure;
        TitokJob found = job.Job;
        var generation = found as TitokGenerationJob;
        to = new NativeJobStatus
        {
            StructSize = (uint)sizeof(NativeJobStatus),
            Steps = (uint)(generation?.Steps ?? 0),
            StepsRecorded = (uint)(generation?.StepsRecorded ?? 0),
            StepsExecuted = (uint)(generation?.StepsExecuted ?? 0),
            IsRecorded = found.IsRecorded ? 1u : 0u,
            IsFinished = found.IsFinished ? 1u : 0u,
            IsIdle = found.IsIdle ? 1u : 0u,
            IsCancelled = found.IsCancelled ? 1u : 0u,
            StepCapacity = (uint)(generation?.StepCapacity ?? 0),
            OutputsExecuted = (uint)found.OutputsExecuted,
            Progress = found.Progress,
            LastSliceMilliseconds = found.LastSliceMilliseconds,
        };
    });

    [UnmanagedCallersOnly(EntryPoint = "titokJobWait", CallConvs = [typeof(CallConvCdecl)])]
    public static int Wait(nint job, ulong timeoutInNanoseconds) => Call.In(job).Ask(timeoutInNanoseconds, static (job, nanoseconds) =>
    {
        TimeSpan timeout = nanoseconds == ulong.MaxValue ? Timeout.InfiniteTimeSpan : TimeSpan.FromMicroseconds(Math.Min(nanoseconds / 1000, 1UL << 50));
        return job.Job.Wait(timeout) ? NativeResult.Ok : NativeResult.NotReady;
    });

    [UnmanagedCallersOnly(EntryPoint = "titokJobReadTokens", CallConvs = [typeof(CallConvCdecl)])]
    public static int ReadTokens(nint job, uint step, int* tokens, nuint tokenCount) =>
        Call.In(job).Do((step, tokens: Arguments.Array(tokens, tokenCount)), static (job, with) =>
        {
            if (job.Job is TitokGenerationJob generation)
                generation.ReadTokens(Arguments.Small(with.step, "step"), with.tokens.All);
            else if (with.step == 0)
                job.Tokenizing.ReadTokens(with.tokens.All);
            else
                throw Arguments.Invalid("step is not 0, and the job has no steps");
        });

    [UnmanagedCallersOnly(EntryPoint = "titokJobReadLatents", CallConvs = [typeof(CallConvCdecl)])]
    public static int ReadLatents(nint job, float* latents, nuint latentCount) =>
        Call.In(job).Do(Arguments.Array(latents, latentCount), static (job, latents) => job.Tokenizing.ReadLatents(latents.All));

    [UnmanagedCallersOnly(EntryPoint = "titokJobReadOutput", CallConvs = [typeof(CallConvCdecl)])]
    public static int ReadOutput(nint job, byte* pixels, nuint sizeInBytes) =>
        Call.In(job).Do(Arguments.Array(pixels, sizeInBytes), static (job, pixels) => job.Job.ReadOutput(pixels.All));

    [UnmanagedCallersOnly(EntryPoint = "titokJobReadImages", CallConvs = [typeof(CallConvCdecl)])]
    public static int ReadImages(nint job, float* images, nuint imageCount) =>
        Call.In(job).Do(Arguments.Array(images, imageCount), static (job, images) => job.Job.ReadImages(images.All));

    [UnmanagedCallersOnly(EntryPoint = "titokJobCheckResults", CallConvs = [typeof(CallConvCdecl)])]
    public static int CheckResults(nint job) => Call.In(job).Do(0, static (job, _) => job.Job.CheckResults());
}
