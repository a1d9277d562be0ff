using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Titok.Vulkan.Native;

/// <summary>The functions that ask a job for something.</summary>
internal static unsafe class JobResults
{
    [UnmanagedCallersOnly(EntryPoint = "titokJobGetStatus", CallConvs = [typeof(CallConvCdecl)])]
    public static int GetStatus(nint job, NativeJobStatus* status)
    {
        NativeJob? entered = null;
        try
        {
            entered = NativeJob.Enter(job);
            Arguments.Structure((uint*)status, sizeof(NativeJobStatus), "status");
            TitokJob found = entered.Job;
            var generation = found as TitokGenerationJob;
            *status = new NativeJobStatus
            {
                StructSize = (uint)sizeof(NativeJobStatus),
                Steps = (uint)(generation?.Steps ?? 0),
                StepsRecorded = (uint)(generation?.StepsRecorded ?? 0),
                StepsExecuted = (uint)(generation?.StepsExecuted ?? 0),
                IsRecorded = found.IsRecorded ? 1u : 0u,
                IsFinished = found.IsFinished ? 1u : 0u,
                IsIdle = found.IsIdle ? 1u : 0u,
                IsCancelled = found.IsCancelled ? 1u : 0u,
                Progress = found.Progress,
            };
            return 0;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
        finally
        {
            NativeJob.Leave(entered);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "titokJobWait", CallConvs = [typeof(CallConvCdecl)])]
    public static int Wait(nint job, ulong timeoutInNanoseconds)
    {
        NativeJob? entered = null;
        try
        {
            entered = NativeJob.Enter(job);
            if (!entered.Job.Wait(timeoutInNanoseconds == ulong.MaxValue ? null : TimeSpan.FromMicroseconds(Math.Min(timeoutInNanoseconds / 1000, 1UL << 50))))
                return (int)NativeResult.NotReady;
            return 0;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
        finally
        {
            NativeJob.Leave(entered);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "titokJobReadTokens", CallConvs = [typeof(CallConvCdecl)])]
    public static int ReadTokens(nint job, uint step, int* tokens, nuint tokenCount)
    {
        NativeJob? entered = null;
        try
        {
            entered = NativeJob.Enter(job);
            entered.Generation.ReadTokens(Arguments.Small(step, "step"), Arguments.Array(tokens, tokenCount, "tokens"));
            return 0;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
        finally
        {
            NativeJob.Leave(entered);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "titokJobReadOutput", CallConvs = [typeof(CallConvCdecl)])]
    public static int ReadOutput(nint job, byte* pixels, nuint sizeInBytes)
    {
        NativeJob? entered = null;
        try
        {
            entered = NativeJob.Enter(job);
            entered.Job.ReadOutput(Arguments.Array(pixels, sizeInBytes, "pixels"));
            return 0;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
        finally
        {
            NativeJob.Leave(entered);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "titokJobReadImages", CallConvs = [typeof(CallConvCdecl)])]
    public static int ReadImages(nint job, float* images, nuint imageCount)
    {
        NativeJob? entered = null;
        try
        {
            entered = NativeJob.Enter(job);
            entered.Job.ReadImages(Arguments.Array(images, imageCount, "images"));
            return 0;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
        finally
        {
            NativeJob.Leave(entered);
        }
    }
}
