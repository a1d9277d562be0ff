using Silk.NET.Vulkan;
using VkSemaphore = Silk.NET.Vulkan.Semaphore;

namespace Titok.Vulkan.Gpu;

/// <summary>The one queue of a device; any thread may submit. A host's queue is used only under the host's own lock.</summary>
internal sealed unsafe class GpuQueue(GpuDevice device, LogicalDevice logical)
{
    private readonly Lock _lock = new();

    /// <summary>The value of the latest submission, and of one that is under way, for which this waits; 0 before the first.</summary>
    public ulong LastSubmitted
    {
        get
        {
            lock (_lock)
                return device.Timeline.LastSubmitted;
        }
    }

    /// <summary>Queues recordings, in order, after everything queued before. Returns the timeline value they reach when done.</summary>
    /// <param name="recordings">What to run.</param>
    /// <param name="waits">Semaphores that are waited for before any of it.</param>
    /// <param name="signals">Semaphores that are signalled after all of it.</param>
    public ulong Submit(ReadOnlySpan<GpuRecording> recordings, ReadOnlySpan<TitokSemaphore> waits, ReadOnlySpan<TitokSemaphore> signals)
    {
        CommandBuffer[]? many = recordings.Length > 64 ? new CommandBuffer[recordings.Length] : null;
        Span<CommandBuffer> commands = many ?? stackalloc CommandBuffer[recordings.Length];
        for (int i = 0; i < recordings.Length; i++)
            commands[i] = recordings[i].Handle;
        // The host's lock first: who holds ours, for which disposing waits, must not wait for the host's.
        logical.Host?.LockQueue?.Invoke();
        try
        {
            lock (_lock)
            {
                device.ThrowIfUnusable();
                // Here, where whoever disposes of one, or of what it uses, waits for the submission's value (LastSubmitted).
                foreach (GpuRecording recording in recordings)
                    recording.ThrowUnlessSubmittable(device);
                ulong value = device.Timeline.LastSubmitted + 1;
                HandOver(commands, waits, signals, value);
                device.Timeline.LastSubmitted = value;
                foreach (GpuRecording recording in recordings)
                    recording.MarkSubmitted(value);
                return value;
            }
        }
        finally
        {
            logical.Host?.UnlockQueue?.Invoke();
        }
    }

    /// <summary>A submission that does nothing but come behind all others; whether it could be made.</summary>
    public bool TrySubmitNothing()
    {
        try
        {
            Submit([], [], []);
            return true;
        }
        catch (Exception e) when (e is TitokException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>Waits for what was submitted, and for a submission that is under way.</summary>
    public void WaitForDisposal()
    {
        lock (_lock)
            device.Timeline.WaitForDisposal(device.Timeline.LastSubmitted);
    }

    private void HandOver(ReadOnlySpan<CommandBuffer> commands, ReadOnlySpan<TitokSemaphore> waits, ReadOnlySpan<TitokSemaphore> signals, ulong value)
    {
        var waitHandles = stackalloc VkSemaphore[waits.Length + 1];
        var waitValues = stackalloc ulong[waits.Length + 1];
        var waitStages = stackalloc PipelineStageFlags[waits.Length + 1];
        for (int i = 0; i < waits.Length; i++)
            (waitHandles[i], waitValues[i], waitStages[i]) = (new VkSemaphore(waits[i].Handle), waits[i].Value, PipelineStageFlags.AllCommandsBit);
        var signalHandles = stackalloc VkSemaphore[signals.Length + 1];
        var signalValues = stackalloc ulong[signals.Length + 1];
        for (int i = 0; i < signals.Length; i++)
            (signalHandles[i], signalValues[i]) = (new VkSemaphore(signals[i].Handle), signals[i].Value);
        (signalHandles[signals.Length], signalValues[signals.Length]) = (device.Timeline.Handle, value);
        var timeline = new TimelineSemaphoreSubmitInfo
        {
            SType = StructureType.TimelineSemaphoreSubmitInfo,
            WaitSemaphoreValueCount = (uint)waits.Length,
            PWaitSemaphoreValues = waitValues,
            SignalSemaphoreValueCount = (uint)signals.Length + 1,
            PSignalSemaphoreValues = signalValues,
        };
        fixed (CommandBuffer* first = commands)
        {
            var info = new SubmitInfo
            {
                SType = StructureType.SubmitInfo,
                PNext = &timeline,
                WaitSemaphoreCount = (uint)waits.Length,
                PWaitSemaphores = waitHandles,
                PWaitDstStageMask = waitStages,
                CommandBufferCount = (uint)commands.Length,
                PCommandBuffers = first,
                SignalSemaphoreCount = (uint)signals.Length + 1,
                PSignalSemaphores = signalHandles,
            };
            device.Check(device.Vk.QueueSubmit(logical.Queue, 1, &info, default), "vkQueueSubmit");
        }
    }
}
