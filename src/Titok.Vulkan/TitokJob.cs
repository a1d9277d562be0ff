using System.Runtime.InteropServices;
using Titok.Vulkan.Engine;
using Titok.Vulkan.Gpu;

namespace Titok.Vulkan;

/// <summary>
/// Work that is done in slices: put into a host's command buffers by <see cref="Record"/>, or onto the library's queue by
/// <see cref="Submit(TitokSlice)"/>. No call but <see cref="Wait(CancellationToken)"/> and <see cref="ReadImages"/> waits for the
/// device, unless it finds too little device memory.
/// </summary>
/// <remarks>
/// One thread at a time uses a job; different jobs may be used by different threads at once, and be on the way together.
/// Beginning a job, and setting what it is to do, makes the memory and the kernels that it needs unless an earlier one has left
/// them; from then on nothing allocates, on the managed heap or on the device, however often the job is restarted. A job holds on
/// to its model: dispose of it first.
/// </remarks>
public abstract class TitokJob : IDisposable
{
    /// <summary>Most semaphores that one submission waits for, and most that it signals.</summary>
    public const int MaxSemaphores = 64;

    private protected TitokJob(Job job)
    {
        Job = job;
        job.PrepareTimes();
        // Here, where kernels may have been built: a program may end without a word.
        job.Device.SaveCache();
    }

    /// <summary>How many pictures the job makes, or encodes.</summary>
    public abstract int Pictures { get; }

    /// <summary>Where the pictures go, as <see cref="SetOutput"/> was told; null where they stay for <see cref="ReadImages"/>.</summary>
    public TitokOutput? Output { get; private set; }

    /// <summary>Whether nothing is left to record or submit.</summary>
    public bool IsRecorded => Job.IsRecorded;

    /// <summary>Whether all of the job is executed. Asks the device, and never waits.</summary>
    public bool IsFinished => Polled().IsFinished;

    /// <summary>Whether the device is done with every slice that was recorded, so that the job can be restarted.</summary>
    public bool IsIdle => Polled().IsIdle;

    /// <summary>Whether <see cref="Cancel"/> was called since the last start.</summary>
    public bool IsCancelled => Job.IsCancelled;

    /// <summary>Share of the work that is executed, 0 to 1, by what it is expected to take.</summary>
    public double Progress => Polled().Progress;

    /// <summary>How often since the start pictures have been written to the output, all that was executed counted.</summary>
    public int OutputsExecuted => Polled().OutputsExecuted;

    /// <summary>Milliseconds that the slice executed last took on the device; NaN where that is not known, as for whole steps.</summary>
    public double LastSliceMilliseconds => Polled().LastMilliseconds;

    private protected Job Job { get; }

    /// <summary>Throws where the model has been disposed of, whose memory the job works with.</summary>
    private protected abstract void ThrowIfModelDisposed();

    /// <summary>Null where the job makes no pictures.</summary>
    private protected abstract PictureOutput? PictureOutput { get; }

    /// <summary>The pictures on the device; null where the job makes none.</summary>
    private protected abstract GpuBufferRange? DeviceImages { get; }

    /// <summary>Says where the pictures go, and starts the job over.</summary>
    /// <param name="output">Where to; null leaves them for <see cref="ReadImages"/>.</param>
    /// <exception cref="ArgumentException">The output contradicts itself; the job is as it was.</exception>
    /// <exception cref="InvalidOperationException">The job only encodes, or slices are on the way; it is as it was.</exception>
    /// <exception cref="OutOfDeviceMemoryException">What packs the pictures has no room; another output may have.</exception>
    public void SetOutput(TitokOutput? output) => SetTarget(output, afterEveryStep: false);

    /// <summary>
    /// Puts the next slice into a command buffer of the host's: a primary or secondary one of the lent queue's family,
    /// being recorded, outside a render pass.
    /// </summary>
    /// <param name="commandBuffer">The VkCommandBuffer.</param>
    /// <param name="slice">How much.</param>
    /// <remarks>
    /// The host submits its command buffers in the order of the slices, each once, to the lent queue or to one of its family
    /// that is ordered with it. In the command buffer the compute pipeline, the compute descriptor set 0 and the push constants are
    /// changed; graphics state is left alone. A slice begins and ends with the barriers that it needs itself.
    /// </remarks>
    /// <exception cref="ArgumentException">The handle is null.</exception>
    /// <exception cref="DeviceLostException">The device was lost.</exception>
    public TitokSliceInfo Record(nint commandBuffer, TitokSlice slice = default)
    {
        if (commandBuffer == 0)
            throw new ArgumentException("The command buffer is null.", nameof(commandBuffer));
        Job.Device.ThrowIfUnusable();
        ThrowIfModelDisposed();
        return Job.Record(Job.Device.HostCommands(commandBuffer), slice.Budget);
    }

    /// <summary>Submits the next slice to the device's queue. It does not wait.</summary>
    /// <param name="slice">How much.</param>
    /// <exception cref="DeviceLostException">The device was lost.</exception>
    public TitokSliceInfo Submit(TitokSlice slice = default) => Submit(slice, default, default);

    /// <summary>Submits the next slice to the device's queue, in an order with the host's work. It does not wait.</summary>
    /// <param name="slice">How much.</param>
    /// <param name="waits">Semaphores that the device waits for before the slice.</param>
    /// <param name="signals">Semaphores that the device signals after it.</param>
    /// <remarks>Where 16 slices are on the way nothing is submitted, and no semaphore is touched: the number is −1.</remarks>
    /// <exception cref="ArgumentException">
    /// A semaphore is null, or to be signalled and <see cref="TitokDevice.TimelineSemaphore"/>, or there are more than
    /// <see cref="MaxSemaphores"/> to wait for or to signal.
    /// </exception>
    /// <exception cref="InvalidOperationException">Nothing is left to submit, so that the semaphores would not be signalled.</exception>
    /// <exception cref="DeviceLostException">The device was lost.</exception>
    public TitokSliceInfo Submit(TitokSlice slice, ReadOnlySpan<TitokSemaphore> waits, ReadOnlySpan<TitokSemaphore> signals)
    {
        Check(waits, nameof(waits));
        Check(signals, nameof(signals));
        foreach (TitokSemaphore signal in signals)
        {
            if (signal.Handle == Job.Device.Timeline.Handle.Handle)
                throw new ArgumentException("The library's own timeline semaphore is among signals; it may only be waited for.", nameof(signals));
        }
        ThrowIfModelDisposed();
        return Job.Submit(slice.Budget, waits, signals);
    }

    /// <summary>Waits until all that <see cref="Submit(TitokSlice)"/> has put on the queue is executed.</summary>
    /// <param name="cancellation">Ends the waiting, and nothing else.</param>
    /// <exception cref="OperationCanceledException">Cancelled; the work goes on.</exception>
    /// <exception cref="DeviceLostException">The device was lost.</exception>
    public void Wait(CancellationToken cancellation = default) => Job.Wait(null, cancellation);

    /// <summary>The same for so long at most.</summary>
    /// <param name="timeout">How long; <see cref="Timeout.InfiniteTimeSpan"/> waits for ever.</param>
    /// <param name="cancellation">Ends the waiting, and nothing else.</param>
    /// <returns>Whether all of it is executed.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is negative.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the work goes on.</exception>
    /// <exception cref="DeviceLostException">The device was lost.</exception>
    public bool Wait(TimeSpan timeout, CancellationToken cancellation = default)
    {
        if (timeout == Timeout.InfiniteTimeSpan)
            return Job.Wait(null, cancellation);
        ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
        return Job.Wait(timeout, cancellation);
    }

    /// <summary>
    /// Tells that the host's command buffers up to this slice are executed. Only needed on a device without timestamps;
    /// otherwise the job finds out by itself.
    /// </summary>
    /// <param name="slice">A slice's number.</param>
    /// <exception cref="ArgumentOutOfRangeException">No slice of this number has been recorded.</exception>
    /// <exception cref="InvalidOperationException">It, or one before it, was submitted by the library and is not executed.</exception>
    public void MarkExecuted(long slice) => Job.MarkExecuted(slice);

    /// <summary>
    /// Takes back the latest slice, whose command buffer the host has thrown away instead of submitting it. A job that is to be
    /// disposed of wants to know too.
    /// </summary>
    /// <param name="slice">Its number.</param>
    /// <exception cref="InvalidOperationException">It is not the latest, or was submitted.</exception>
    public void TakeBack(long slice) => Job.TakeBack(slice);

    /// <summary>
    /// Starts over with what the job was last given. A <see cref="TitokImageInput"/> or <see cref="TitokBufferInput"/> is read
    /// again.
    /// </summary>
    /// <exception cref="InvalidOperationException">Slices are on the way; see <see cref="IsIdle"/>.</exception>
    public void Restart()
    {
        ThrowIfModelDisposed();
        Job.Reset();
        Job.Prepare();
    }

    /// <summary>Records nothing more. What was recorded or submitted goes on. Any thread may call it, also while another is in the job.</summary>
    public void Cancel() => Job.Cancel();

    /// <summary>
    /// Copies the pictures, packed as <see cref="Output"/> says, out of a job with a <see cref="TitokMemoryOutput"/> that is
    /// finished, or idle after a step whose pictures were asked for.
    /// </summary>
    /// <param name="destination">Takes <see cref="TitokOutput.SizeInBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">The destination is of another size.</exception>
    /// <exception cref="InvalidOperationException">The job only encodes, its output goes elsewhere, or there is no picture yet.</exception>
    public void ReadOutput(Span<byte> destination)
    {
        PictureOutput output = RequirePictures();
        Require(Polled() is { IsFinished: true } or { IsIdle: true, OutputsExecuted: > 0 });
        ReadOnlySpan<byte> bytes = output.Bytes;
        if (destination.Length != bytes.Length)
            throw new ArgumentException($"The destination holds {destination.Length} bytes; {bytes.Length} were expected.", nameof(destination));
        bytes.CopyTo(destination);
    }

    /// <summary>Copies planar pictures [N, 3, S, S] out of a finished job: a submission of its own, which it waits for.</summary>
    /// <param name="destination">Takes N·3·S·S floats, about 0..1 and not clamped.</param>
    /// <exception cref="ArgumentException">The destination is of another size.</exception>
    /// <exception cref="InvalidOperationException">The job only encodes, or is not finished.</exception>
    /// <exception cref="DeviceLostException">The device was lost.</exception>
    public void ReadImages(Span<float> destination)
    {
        RequirePictures();
        RequireFinished();
        ThrowIfModelDisposed();
        GpuBufferRange images = DeviceImages!.Value;
        if (destination.Length * (long)sizeof(float) != images.SizeInBytes)
            throw new ArgumentException($"The destination holds {destination.Length} floats; {images.SizeInBytes / sizeof(float)} were expected.", nameof(destination));
        Job.Device.Download(images.Buffer, images.OffsetInBytes, MemoryMarshal.AsBytes(destination));
    }

    /// <summary>
    /// Throws unless what the finished job has made is finite numbers, as the blocking calls do by themselves. What a job writes and
    /// gives to read is what the device has computed, whatever that is: pixels that are no numbers are black as bytes. Never waits.
    /// </summary>
    /// <exception cref="NotFiniteException">The generator's logits, the encoder's latents or the decoder's pixels are none, as where a model overflows fp16.</exception>
    /// <exception cref="InvalidOperationException">The job is not finished.</exception>
    public void CheckResults()
    {
        RequireFinished();
        Job.RequireFinite();
    }

    /// <summary>
    /// Gives the job's memory back to its model, for the next job, which gets it once the slices are executed. Never waits, and
    /// submits nothing. A slice that will never be executed has to be taken back before, or its memory is lost until the model goes.
    /// </summary>
    public void Dispose()
    {
        Job.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected void SetTarget(TitokOutput? output, bool afterEveryStep)
    {
        PictureOutput pictures = RequirePictures();
        if (output is null && afterEveryStep)
            throw new ArgumentException("Steps are to be previewed, and there is no output to put them in.", nameof(output));
        PictureTarget? target = output?.Target(afterEveryStep);
        ThrowIfModelDisposed();
        Job.Reset();
        (pictures.Target, pictures.AfterEveryStep) = (target, afterEveryStep);
        Output = output;
        Job.Prepare();
    }

    private static void Check(ReadOnlySpan<TitokSemaphore> semaphores, string name)
    {
        if (semaphores.Length > MaxSemaphores)
            throw new ArgumentException($"There are {semaphores.Length} semaphores in {name}; {MaxSemaphores} are the most.", name);
        for (int index = 0; index < semaphores.Length; index++)
        {
            if (semaphores[index].Handle == 0)
                throw new ArgumentException($"{name}[{index}] is null.", name);
        }
    }

    /// <summary>The job, after a look at how far the device is.</summary>
    private Job Polled()
    {
        Job.Poll();
        return Job;
    }

    private protected void RequireFinished() => Require(Polled().IsFinished);

    private protected static void Require(bool hasResult)
    {
        if (!hasResult)
            throw new InvalidOperationException("The job is not finished: there is nothing to read yet.");
    }

    private PictureOutput RequirePictures() => PictureOutput ?? throw new InvalidOperationException("The job only encodes: it makes no pictures.");
}
