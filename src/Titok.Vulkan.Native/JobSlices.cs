using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Titok.Vulkan.Native;

/// <summary>The functions that put a job's slices somewhere.</summary>
internal static unsafe class JobSlices
{
    private const uint MostSemaphores = 64;

    [UnmanagedCallersOnly(EntryPoint = "titokJobSetOutput", CallConvs = [typeof(CallConvCdecl)])]
    public static int SetOutput(nint job, NativeOutput* output, uint previewSteps)
    {
        NativeJob? entered = null;
        try
        {
            entered = NativeJob.Enter(job);
            Arguments.Structure((uint*)output, sizeof(NativeOutput), "output");
            TitokOutput? target = Outputs.Read(*output);
            entered.Job.Output = target;
            if (entered.Job is TitokGenerationJob generation)
                generation.PreviewSteps = previewSteps != 0;
            else if (previewSteps != 0)
                throw new NativeException(NativeResult.InvalidOperation, "Only a job of titokJobGenerate has steps to preview.");
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

    [UnmanagedCallersOnly(EntryPoint = "titokJobRecord", CallConvs = [typeof(CallConvCdecl)])]
    public static int Record(nint job, nint commandBuffer, NativeSlice* slice, NativeSliceInfo* info)
    {
        NativeJob? entered = null;
        try
        {
            entered = NativeJob.Enter(job);
            Check(info);
            Write(entered.Job.Record(commandBuffer, Read(slice)), info);
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

    [UnmanagedCallersOnly(EntryPoint = "titokJobSubmit", CallConvs = [typeof(CallConvCdecl)])]
    public static int Submit(nint job, NativeSlice* slice, TitokSemaphore* waits, uint waitCount, TitokSemaphore* signals, uint signalCount, NativeSliceInfo* info)
    {
        NativeJob? entered = null;
        try
        {
            entered = NativeJob.Enter(job);
            Check(info);
            Write(entered.Job.Submit(Read(slice), Semaphores(waits, waitCount, "waits"), Semaphores(signals, signalCount, "signals")), info);
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

    [UnmanagedCallersOnly(EntryPoint = "titokJobMarkExecuted", CallConvs = [typeof(CallConvCdecl)])]
    public static int MarkExecuted(nint job, long slice)
    {
        NativeJob? entered = null;
        try
        {
            entered = NativeJob.Enter(job);
            entered.Job.MarkExecuted(slice);
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

    [UnmanagedCallersOnly(EntryPoint = "titokJobTakeBack", CallConvs = [typeof(CallConvCdecl)])]
    public static int TakeBack(nint job, long slice)
    {
        NativeJob? entered = null;
        try
        {
            entered = NativeJob.Enter(job);
            entered.Job.TakeBack(slice);
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

    [UnmanagedCallersOnly(EntryPoint = "titokJobCancel", CallConvs = [typeof(CallConvCdecl)])]
    public static int Cancel(nint job)
    {
        NativeJob? entered = null;
        try
        {
            entered = NativeJob.Enter(job);
            entered.Job.Cancel();
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

    private static TitokSlice Read(NativeSlice* slice)
    {
        if (slice == null)
            return TitokSlice.Default;
        Arguments.Structure((uint*)slice, sizeof(NativeSlice), "slice");
        int bounds = (slice->Dispatches != 0 ? 1 : 0) + (slice->Steps != 0 ? 1 : 0) + (slice->Everything != 0 ? 1 : 0) + (slice->Milliseconds != 0 ? 1 : 0);
        if (bounds > 1)
            throw Arguments.Invalid("slice names more than one bound");
        TitokSlice read = Bound(*slice);
        return slice->UpToOutput != 0 ? read.UpToOutput() : read;
    }

    private static TitokSlice Bound(in NativeSlice slice)
    {
        if (slice.Everything != 0)
            return TitokSlice.Everything;
        if (slice.Steps != 0)
            return TitokSlice.Steps(Arguments.Small(slice.Steps, "steps"));
        if (slice.Dispatches != 0)
            return TitokSlice.Dispatches(Arguments.Small(slice.Dispatches, "dispatches"));
        return slice.Milliseconds != 0 ? TitokSlice.Milliseconds(slice.Milliseconds) : TitokSlice.Default;
    }

    private static void Check(NativeSliceInfo* info)
    {
        if (info != null)
            Arguments.Structure((uint*)info, sizeof(NativeSliceInfo), "info");
    }

    private static void Write(TitokSliceInfo slice, NativeSliceInfo* info)
    {
        if (info == null)
            return;
        *info = new NativeSliceInfo
        {
            StructSize = (uint)sizeof(NativeSliceInfo),
            Dispatches = (uint)slice.Dispatches,
            Number = slice.Number,
            Milliseconds = slice.ExpectedMilliseconds,
            StepsRecorded = (uint)slice.StepsRecorded,
            IsLast = slice.IsLast ? 1u : 0u,
            OutputsRecorded = (uint)slice.OutputsRecorded,
            TimelineValue = slice.TimelineValue,
        };
    }

    private static ReadOnlySpan<TitokSemaphore> Semaphores(TitokSemaphore* semaphores, uint count, string name)
    {
        if (count > MostSemaphores)
            throw Arguments.Invalid($"{count} {name}; at most {MostSemaphores} are taken");
        ReadOnlySpan<TitokSemaphore> all = Arguments.Array(semaphores, count, name);
        foreach (TitokSemaphore semaphore in all)
        {
            if (semaphore.Handle == 0)
                throw Arguments.Invalid($"{name} has a null semaphore");
        }
        return all;
    }
}
