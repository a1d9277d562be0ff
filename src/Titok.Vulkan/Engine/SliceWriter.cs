using System.Runtime.InteropServices;
using Titok.Vulkan.Gpu;

namespace Titok.Vulkan.Engine;

/// <summary>Writes stretches of a job's work into a host's command buffer, or gathers recordings of them to submit.</summary>
internal sealed class SliceWriter : IDisposable
{
    private readonly GpuDevice _device;
    private readonly JobParts _parts;
    private readonly SliceTracker _slices;
    private readonly List<GpuRecording> _submission = [];
    private readonly BorrowedRecordings _borrowed;
    private bool _hasReserved;

    public SliceWriter(GpuDevice device, JobParts parts, SliceTracker slices)
    {
        (_device, _parts, _slices) = (device, parts, slices);
        _borrowed = new BorrowedRecordings(device.SliceRecordings, _submission);
    }

    /// <summary>What <see cref="Gather"/> has gathered, in order; good until <see cref="GiveBack"/>.</summary>
    public ReadOnlySpan<GpuRecording> Recordings => CollectionsMarshal.AsSpan(_submission);

    /// <summary>Writes the work between two positions, and timestamps around it.</summary>
    /// <returns>Whether it has timestamps: the job has made what takes them, and the device has them.</returns>
    public bool Write(GpuCommands commands, JobPosition from, JobPosition to)
    {
        _device.DebugNames.BeginLabel(commands.Handle, "titok slice\0"u8);
        commands.Barrier();
        bool isTimed = _slices.Begin(commands);
        for (JobPosition at = from; at.CompareTo(to) < 0; at = new JobPosition(at.Part + 1, 0))
        {
            if (at.Part != from.Part)
                commands.Barrier();
            Emit(commands, at, _parts.EndIn(at.Part, to));
        }
        commands.ReadbackBarrier();
        if (isTimed)
            _slices.End(commands);
        _device.DebugNames.EndLabel(commands.Handle);
        return isTimed;
    }

    /// <summary>Gathers recordings of the work between two positions.</summary>
    /// <param name="from">Where it begins.</param>
    /// <param name="to">Where it ends.</param>
    /// <param name="isWhole">Whether it ends with a part: plans are then replayed as they were recorded once.</param>
    /// <returns>Whether it has timestamps.</returns>
    public bool Gather(JobPosition from, JobPosition to, bool isWhole)
    {
        bool isTimed = false;
        if (isWhole)
        {
            GatherParts(from, to);
        }
        else
        {
            Reserve();
            isTimed = Write(_borrowed.Open(), from, to);
        }
        _borrowed.Close();
        return isTimed;
    }

    /// <summary>Gives what was gathered back to where it came from; it may be pending.</summary>
    public void GiveBack() => _borrowed.GiveBack();

    public void Dispose()
    {
        if (_hasReserved)
            _device.SliceRecordings.Release(SliceTracker.Capacity);
    }

    /// <summary>A recording in the pool for every slice that can be on the way: how many are is up to the device's pace.</summary>
    private void Reserve()
    {
        if (!_hasReserved)
            _device.SliceRecordings.Reserve(SliceTracker.Capacity);
        _hasReserved = true;
    }

    private void GatherParts(JobPosition from, JobPosition to)
    {
        for (JobPosition at = from; at.CompareTo(to) < 0; at = new JobPosition(at.Part + 1, 0))
        {
            if (_parts[at.Part].Plan is { } plan && at.Dispatch == 0)
            {
                _borrowed.Close();
                _submission.Add(plan.Recording);
                continue;
            }
            GpuCommands commands = _borrowed.Open();
            commands.Barrier();
            Emit(commands, at, _parts[at.Part].Length);
            commands.ReadbackBarrier();
        }
    }

    private void Emit(GpuCommands commands, JobPosition at, int end)
    {
        JobPart part = _parts[at.Part];
        if (part.Plan is { } plan)
            plan.Dispatches.Emit(commands, at.Dispatch, end - at.Dispatch);
        else
            part.Commands!(commands);
    }
}
