using Titok.Vulkan.Gpu;

namespace Titok.Vulkan.Engine;

/// <summary>
/// Work that is put, slice by slice, into a host's command buffers or onto our own queue. One thread at a time uses a
/// job; different jobs don't touch each other's memory. Once its memory is made, nothing here allocates.
/// </summary>
internal abstract class Job : IDisposable
{
    private readonly GpuDevice _device;
    private readonly SliceWriter _writer;
    private readonly JobParts _parts = new();
    private JobPosition _position;
    private JobPosition _executed;
    private bool _isPrepared;
    private volatile bool _isCancelled;
    private bool _disposed;

    protected Job(GpuDevice device)
    {
        _device = device;
        Slices = new SliceTracker(device);
        _writer = new SliceWriter(device, _parts, Slices);
    }

    public GpuDevice Device => _device;

    public bool IsCancelled => _isCancelled;

    /// <summary>Whether nothing is left to record or submit.</summary>
    public bool IsRecorded => IsCancelled || (_isPrepared && _position.Part == _parts.Count);

    /// <summary>Whether all of it is done on the device; see <see cref="Poll"/>.</summary>
    public bool IsFinished => _isPrepared && _executed.Part == _parts.Count;

    /// <summary>Whether the device is done with all that was recorded.</summary>
    public bool IsIdle => Slices.IsIdle;

    /// <summary>Steps of the sampling loop that are recorded, and that are done on the device.</summary>
    public int StepsRecorded => _parts.StepsAt(_position);

    public int StepsExecuted => _parts.StepsAt(_executed);

    /// <summary>What the slice executed last took on the device; NaN where that is not known.</summary>
    public double LastMilliseconds { get; private set; } = double.NaN;

    /// <summary>How often the output is written by what is recorded so far, and by what is done on the device.</summary>
    public int OutputsRecorded => _parts.OutputsAt(_position);

    public int OutputsExecuted => _parts.OutputsAt(_executed);

    /// <summary>Share of the work that is done on the device, 0 to 1, by what its dispatches are expected to take.</summary>
    public double Progress
    {
        get
        {
            double all = _parts.Cost(default, new JobPosition(_parts.Count, 0));
            return all == 0 ? 0 : _parts.Cost(default, _executed) / all;
        }
    }

    protected SliceTracker Slices { get; }

    /// <summary>The slice that is told of where nothing was recorded.</summary>
    private TitokSliceInfo Nothing => new(-1, 0, 0, StepsRecorded, OutputsRecorded, IsRecorded, 0);

    /// <summary>Starts over with the same memory.</summary>
    public void Reset()
    {
        RequireIdle();
        (_position, _executed, _isPrepared, _isCancelled) = (default, default, false, false);
    }

    /// <summary>
    /// Makes all that the work still needs, kernels and memory among it, so that recording makes nothing. Where memory is short,
    /// what earlier jobs have left goes first.
    /// </summary>
    public void Prepare()
    {
        if (_isPrepared)
            return;
        _isPrepared = MemoryShortage.Retry(this, static job => job.Build(), static job => job.FreeIdleMemory());
    }

    /// <summary>Makes what times slices, for whoever has some of so many milliseconds; it submits, and does not wait.</summary>
    public void PrepareTimes() => Slices.PrepareTimes();

    /// <summary>Throws while the device may still be at work on what was recorded.</summary>
    public void RequireIdle()
    {
        Poll();
        if (!IsIdle)
            throw new InvalidOperationException("The job's slices are still on the device; wait until it has executed them.");
    }

    /// <summary>Records nothing more. Any thread may say so.</summary>
    public void Cancel() => _isCancelled = true;

    /// <summary>Puts the next slice into a host's command buffer.</summary>
    public TitokSliceInfo Record(GpuCommands commands, SliceBudget budget)
    {
        Poll();
        if (IsRecorded || Slices.IsFull)
            return Nothing;
        Prepare();
        SliceExtent slice = _parts.Extent(_position, budget);
        bool isTimed = _writer.Write(commands, _position, slice.End);
        return Advance(slice, isTimed, submission: 0);
    }

    /// <summary>Puts the next slice onto our own queue.</summary>
    /// <exception cref="InvalidOperationException">Nothing is left to submit, so that semaphores would not be signalled.</exception>
    public TitokSliceInfo Submit(SliceBudget budget, ReadOnlySpan<TitokSemaphore> waits = default, ReadOnlySpan<TitokSemaphore> signals = default)
    {
        Poll();
        if (IsRecorded && (waits.Length > 0 || signals.Length > 0))
            throw new InvalidOperationException("The job has nothing left to submit: its semaphores would be neither waited for nor signalled.");
        if (IsRecorded || Slices.IsFull)
            return Nothing;
        Prepare();
        SliceExtent slice = _parts.Extent(_position, budget);
        try
        {
            bool isTimed = _writer.Gather(_position, slice.End, budget.IsWhole);
            ulong submission = _device.Submit(_writer.Recordings, waits, signals);
            return Advance(slice, isTimed, submission);
        }
        finally
        {
            _writer.GiveBack();
        }
    }

    /// <summary>Learns which slices the device has executed since. Never blocks.</summary>
    public void Poll()
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(TitokJob));
        while (Slices.TryTakeExecuted(out SliceTracker.Slice slice, out double milliseconds))
        {
            (_executed, LastMilliseconds) = (slice.To, milliseconds);
            if (milliseconds > 0)
                _parts.Learn(slice.From, slice.To, milliseconds);
        }
    }

    /// <summary>The host knows that its command buffers up to this slice are executed.</summary>
    public void MarkExecuted(long slice)
    {
        Poll();
        if (slice < 0 || slice >= Slices.Next)
            throw new ArgumentOutOfRangeException(nameof(slice), slice, $"{Slices.Next} slices have been recorded, and none of this number.");
        while (!Slices.IsIdle && Slices.Executed <= slice)
        {
            if (Slices.Oldest.Submission != 0)
                throw new InvalidOperationException($"Slice {Slices.Executed} was submitted, and is not executed: only those in a host's command buffers can be marked.");
            _executed = Slices.Oldest.To;
            Slices.MarkOldestExecuted();
        }
    }

    /// <summary>Takes back the latest slice, which the host has recorded and thrown away.</summary>
    public void TakeBack(long slice)
    {
        // One that is executed is past taking back.
        Poll();
        if (Slices.IsIdle || slice != Slices.Next - 1 || Slices.Latest.Submission != 0)
            throw new InvalidOperationException("Only the latest slice can be taken back, before it is executed and if it is in a host's command buffer.");
        _position = Slices.TakeBack().From;
    }

    /// <summary>Submits all of it, two slices ahead of the device at most, and waits for it.</summary>
    /// <param name="slice">What to submit at a time: a step of the sampling loop at the most.</param>
    /// <param name="onStep">Told of each step when it is done; null if nobody looks, and then nothing waits for it.</param>
    /// <param name="cancellation">Looked at before every step.</param>
    public void RunToEnd(SliceBudget slice, Action<int>? onStep, CancellationToken cancellation)
    {
        const int slicesAhead = 2;
        Span<ulong> submitted = stackalloc ulong[slicesAhead];
        // What a slice takes is learned from those before it.
        if (!slice.IsWhole)
            PrepareTimes();
        try
        {
            for (int number = 0, steps = 0; !IsRecorded; number++)
            {
                cancellation.ThrowIfCancellationRequested();
                // Enough to keep the device busy, few enough to cancel.
                if (submitted[number % slicesAhead] is var earlier and not 0)
                    _device.Wait(earlier, cancellation);
                submitted[number % slicesAhead] = Submit(slice).TimelineValue;
                if (onStep is null || StepsRecorded == steps)
                    continue;
                Wait(null, cancellation);
                onStep(steps);
                steps = StepsRecorded;
                // After the last step as well: whoever is told of it may want no pictures.
                cancellation.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            // The memory belongs to the next request from here on, even if this one was cancelled.
            if (!_device.IsLost)
                Wait(null, default);
        }
    }

    /// <summary>Blocks until what was submitted to our own queue is done, or the time is over.</summary>
    /// <returns>Whether it is done.</returns>
    public bool Wait(TimeSpan? timeout, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(TitokJob));
        ulong last = Slices.LastSubmission;
        try
        {
            if (last != 0)
                _device.Wait(last, cancellation, timeout);
        }
        catch (TimeoutException)
        {
            return false;
        }
        Poll();
        return true;
    }

    /// <summary>Throws unless what the job has made is finite numbers; it is finished.</summary>
    /// <param name="firstPicture">The job's first picture in the request that it is part of.</param>
    /// <exception cref="NotFiniteException">It is not.</exception>
    public abstract void RequireFinite(int firstPicture = 0);

    public void Dispose()
    {
        if (_disposed)
            return;
        try
        {
            if (!_device.IsDisposed && !_device.IsLost)
                Poll();
        }
        catch (TitokException)
        {
            // A host may know of a loss that nobody has told the library of.
        }
        _disposed = true;
        _writer.Dispose();
        // Its memory may still be in use on the device: whoever gets it next asks the slices.
        if (IsIdle)
            Slices.Dispose();
        GiveBack(IsIdle ? null : Slices);
    }

    /// <summary>Lists the parts of the work.</summary>
    protected abstract void Build(JobParts parts);

    /// <summary>Frees what earlier jobs have left to be used again.</summary>
    /// <returns>Whether there was any.</returns>
    protected abstract bool FreeIdleMemory();

    /// <summary>Gives the job's memory back, to be used again when the slices are executed.</summary>
    protected abstract void GiveBack(SliceTracker? slices);

    private bool Build()
    {
        _parts.Clear();
        Build(_parts);
        return true;
    }

    private TitokSliceInfo Advance(SliceExtent slice, bool isTimed, ulong submission)
    {
        long number = Slices.Add(new SliceTracker.Slice(_position, slice.End, submission, isTimed));
        _position = slice.End;
        return new TitokSliceInfo(number, slice.Dispatches, slice.ExpectedMilliseconds, StepsRecorded, OutputsRecorded, IsRecorded, submission);
    }
}
