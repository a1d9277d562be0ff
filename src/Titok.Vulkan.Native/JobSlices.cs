using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Titok.Vulkan.Native;

/// <summary>The functions that put a job's slices somewhere.</summary>
internal static unsafe class JobSlices
{
    [UnmanagedCallersOnly(EntryPoint = "titokJobSetOutput", CallConvs = [typeof(CallConvCdecl)])]
    public static int SetOutput(nint job, NativeOutput* output, uint previewSteps) =>
        Call.In(job).Do((output: Arguments.Pointer(output), previews: previewSteps != 0), static (job, with) =>
        {
            TitokOutput? target = Outputs.Read(with.output.Structure);
            var generation = job.Job as TitokGenerationJob;
            if (with.previews && generation is null)
                throw new NativeException(NativeResult.InvalidOperation, "Only a job of titokJobGenerate has steps to preview.");
            if (generation is null)
                job.Job.SetOutput(target);
            else
                generation.SetOutput(target, with.previews);
        });

    [UnmanagedCallersOnly(EntryPoint = "titokJobRecord", CallConvs = [typeof(CallConvCdecl)])]
    public static int Record(nint job, nint commandBuffer, NativeSlice* slice, NativeSliceInfo* info) =>
        Call.In(job).Do((commandBuffer, slice: Arguments.Pointer(slice), info: Arguments.Pointer(info)), static (job, with) =>
        {
            Check(with.info);
            Write(job.Job.Record(with.commandBuffer, Read(with.slice)), with.info);
        });

    [UnmanagedCallersOnly(EntryPoint = "titokJobSubmit", CallConvs = [typeof(CallConvCdecl)])]
    public static int Submit(
        nint job, NativeSlice* slice, TitokSemaphore* waits, uint waitCount, TitokSemaphore* signals, uint signalCount, NativeSliceInfo* info) =>
        Call.In(job).Ask(
            (slice: Arguments.Pointer(slice), waits: Arguments.Array(waits, waitCount), signals: Arguments.Array(signals, signalCount), info: Arguments.Pointer(info)),
            static (job, with) =>
            {
                Check(with.info);
                TitokSliceInfo submitted = job.Job.Submit(Read(with.slice), with.waits.All, with.signals.All);
                Write(submitted, with.info);
                // Whoever waits for what is signalled has to know that nothing will be.
                bool isLost = submitted.Number < 0 && !(with.waits.IsNone && with.signals.IsNone);
                return isLost ? NativeResult.NotReady : NativeResult.Ok;
            });

    [UnmanagedCallersOnly(EntryPoint = "titokJobMarkExecuted", CallConvs = [typeof(CallConvCdecl)])]
    public static int MarkExecuted(nint job, long slice) => Call.In(job).Do(slice, static (job, slice) => job.Job.MarkExecuted(slice));

    [UnmanagedCallersOnly(EntryPoint = "titokJobTakeBack", CallConvs = [typeof(CallConvCdecl)])]
    public static int TakeBack(nint job, long slice) => Call.In(job).Do(slice, static (job, slice) => job.Job.TakeBack(slice));

    [UnmanagedCallersOnly(EntryPoint = "titokJobCancel", CallConvs = [typeof(CallConvCdecl)])]
    public static int Cancel(nint job) => Call.Do(job, static job => HandleTable.Get<NativeJob>(job).Job.Cancel());

    private static TitokSlice Read(NativePointer<NativeSlice> slice)
    {
        if (slice.IsNull)
            return TitokSlice.Default;
        ref readonly NativeSlice given = ref slice.Structure;
        int bounds = (given.Dispatches != 0 ? 1 : 0) + (given.Steps != 0 ? 1 : 0) + (given.Everything != 0 ? 1 : 0) + (given.Milliseconds != 0 ? 1 : 0);
        if (bounds > 1)
            throw Arguments.Invalid("slice names more than one bound");
        TitokSlice read = Bound(given);
        return given.UpToOutput != 0 ? read.UpToOutput() : read;
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

    private static void Check(NativePointer<NativeSliceInfo> info)
    {
        if (!info.IsNull)
            _ = info.Structure;
    }

    private static void Write(TitokSliceInfo slice, NativePointer<NativeSliceInfo> info)
    {
        if (info.IsNull)
            return;
        info.Value = new NativeSliceInfo
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
}
