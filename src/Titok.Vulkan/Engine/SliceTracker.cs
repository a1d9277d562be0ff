using Titok.Vulkan.Gpu;

namespace Titok.Vulkan.Engine;

/// <summary>
/// The slices of a job that are recorded and not known to be executed, oldest first. A slice of our own queue is known
/// by the timeline; one in a host's command buffer by its timestamps, or because the host says so.
/// </summary>
internal sealed class SliceTracker(GpuDevice device) : IDisposable
{
    /// <summary>Most slices on the way; past this a job records nothing until the device has executed some.</summary>
    public const int Capacity = 16;

    // A disposed job's slices are asked about by every pool that holds memory of it.
    private readonly Lock _lock = new();
    private readonly Slice[] _slices = new Slice[Capacity];
    private GpuSliceTimer? _timer;
    private long _executed;
    private bool _disposed;

    /// <param name="From">Where the job stood before.</param>
    /// <param name="To">Where it stood after.</param>
    /// <param name="Submission">Timeline value of its submission; 0 in a host's command buffer.</param>
    /// <param name="IsTimed">Whether it has timestamps.</param>
    public record struct Slice(JobPosition From, JobPosition To, ulong Submission, bool IsTimed);

    /// <summary>Number of the next slice; they count up through a job's whole life.</summary>
    public long Next { get; private set; }

    /// <summary>Slices known to be executed.</summary>
    public long Executed => _executed;

    public Slice Oldest => _slices[_executed % Capacity];

    public Slice Latest => _slices[(Next - 1) % Capacity];

    public bool IsFull => Next - _executed == Capacity;

    public bool IsIdle => Next == _executed;

    /// <summary>Makes what marks the ends of slices, where the device has timestamps.</summary>
    public void PrepareTimes()
    {
        if (device.Physical.TimestampBits > 0)
            _timer ??= device.CreateSliceTimer(Capacity);
    }

    /// <summary>Marks the beginning of the next slice in its command buffer.</summary>
    /// <returns>Whether there is anything to mark it with; see <see cref="PrepareTimes"/>.</returns>
    public bool Begin(GpuCommands commands)
    {
        if (_timer is null)
            return false;
        _timer.Begin(commands, (int)(Next % Capacity));
        return true;
    }

    /// <summary>Marks the end of the next slice in its command buffer.</summary>
    public void End(GpuCommands commands) => _timer!.End(commands, (int)(Next % Capacity));

    /// <summary>The next slice is on its way.</summary>
    public long Add(Slice slice)
    {
        _slices[Next % Capacity] = slice;
        return Next++;
    }

    /// <summary>Takes back the latest slice, whose command buffer the host has thrown away.</summary>
    public Slice TakeBack() => _slices[--Next % Capacity];

    /// <summary>The host knows that the oldest slice is executed.</summary>
    public void MarkOldestExecuted() => _executed++;

    /// <summary>The oldest slice, if the device has executed it, with the milliseconds it took (NaN if that is not known).</summary>
    public bool TryTakeExecuted(out Slice slice, out double milliseconds)
    {
        (slice, milliseconds) = (default, double.NaN);
        using Lock.Scope scope = _lock.EnterScope();
        if (IsIdle)
            return false;
        slice = _slices[_executed % Capacity];
        // Whoever gives up a model's memory has had its slices in a host's command buffers executed, and what told of them is gone.
        bool known = slice.Submission == 0 ? _disposed : device.IsComplete(slice.Submission);
        if (!_disposed && slice.IsTimed && (known || slice.Submission == 0) && _timer!.TryRead((int)(_executed % Capacity), out double measured))
            (known, milliseconds) = (true, measured);
        if (known)
            _executed++;
        return known;
    }

    /// <summary>Timeline value after which all slices of our own queue are done.</summary>
    public ulong LastSubmission
    {
        get
        {
            ulong last = 0;
            for (long slice = _executed; slice < Next; slice++)
                last = Math.Max(last, _slices[slice % Capacity].Submission);
            return last;
        }
    }

    public void Dispose()
    {
        using Lock.Scope scope = _lock.EnterScope();
        _disposed = true;
        _timer?.Dispose();
    }
}
