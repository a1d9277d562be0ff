using Titok.Vulkan.Engine;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Tests.Gpu;

namespace Titok.Vulkan.Tests.Engine;

/// <summary>Which slices of a job are on the way, and what tells that they are executed.</summary>
[Collection(GpuCollection.Name)]
public class SliceTrackerTests(GpuFixture fixture)
{
    /// <summary>A job may go into a host's command buffers after it went onto the library's queue.</summary>
    [Fact]
    public void TheLastSubmissionIsTheLibrarysOwn()
    {
        GpuDevice device = fixture.Device;
        using var gate = new Gate(device);
        using var slices = new SliceTracker(device);
        Assert.Equal(0u, slices.LastSubmission);
        ulong first = device.Submit([], [gate.Opened], []), second = device.Submit([]);
        slices.Add(Slice(first));
        slices.Add(Slice(second));
        slices.Add(Slice(submission: 0));
        Assert.Equal(second, slices.LastSubmission);
        Assert.False(slices.TryTakeExecuted(out _, out _));
        gate.Open();
        device.Finish(second);
        Assert.True(slices.TryTakeExecuted(out SliceTracker.Slice slice, out _) && slice.Submission == first);
        Assert.True(slices.TryTakeExecuted(out slice, out _) && slice.Submission == second);
        Assert.False(slices.TryTakeExecuted(out _, out _));
        Assert.Equal(0u, slices.LastSubmission);
    }

    [Fact]
    public void WhatMarksTheEndsOfSlicesIsMadeOnce()
    {
        GpuDevice device = fixture.Device;
        using var slices = new SliceTracker(device);
        slices.PrepareTimes();
        device.Disposals.Finish();
        long alive = device.LiveObjects.Count;
        slices.PrepareTimes();
        device.Disposals.Finish();
        Assert.Equal(alive, device.LiveObjects.Count);
    }

    /// <summary>Of slices that were given up, what has timed them is not asked any more: it may be gone.</summary>
    [Fact]
    public void GivenUpSlicesAreExecutedAndNobodyKnowsHowLong()
    {
        using GpuInstance instance = GpuFixture.NewInstance();
        using GpuDevice device = GpuFixture.NewDevice(instance);
        Assert.SkipWhen(device.Physical.TimestampBits == 0, "There is nothing to time with.");
        using GpuRecording recording = device.CreateRecording("slices");
        var slices = new SliceTracker(device);
        slices.PrepareTimes();
        recording.Begin();
        for (int slice = 0; slice < 2; slice++)
        {
            slices.Begin(recording.Commands);
            slices.End(recording.Commands);
            slices.Add(new SliceTracker.Slice(default, default, Submission: 0, IsTimed: true));
        }
        recording.End();
        device.Finish(device.Submit(recording));
        Assert.True(slices.TryTakeExecuted(out _, out double milliseconds) && milliseconds >= 0);

        // As of a host's command buffers, so that the queries stay until the next submission.
        device.Disposals.NoteHostUse();
        slices.Dispose();
        Assert.True(slices.TryTakeExecuted(out _, out milliseconds) && double.IsNaN(milliseconds));
        Assert.True(slices.IsIdle);
        GpuFixture.AssertNoMessages(instance);
    }

    private static SliceTracker.Slice Slice(ulong submission) => new(default, default, submission, IsTimed: false);
}
