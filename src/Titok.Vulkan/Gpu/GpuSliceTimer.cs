using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>
/// Timestamps around slices of work, by which it is known which slices the device has finished and how long they took,
/// whoever submits them. Nothing here waits.
/// </summary>
internal sealed unsafe class GpuSliceTimer : IDisposable
{
    private readonly GpuDevice _device;
    private readonly QueryPool _pool;
    private readonly ulong[] _seen;
    private readonly ulong _firstReset;
    private int _disposed;

    /// <param name="device">The device; it must have timestamps.</param>
    /// <param name="capacity">Most slices that are unfinished at a time.</param>
    public GpuSliceTimer(GpuDevice device, int capacity)
    {
        _device = device;
        _seen = new ulong[capacity];
        var info = new QueryPoolCreateInfo
        {
            SType = StructureType.QueryPoolCreateInfo,
            QueryType = QueryType.Timestamp,
            QueryCount = (uint)capacity * 2,
        };
        QueryPool pool;
        device.Check(device.Vk.CreateQueryPool(device.Handle, &info, null, &pool), "vkCreateQueryPool");
        _pool = pool;
        device.LiveObjects.Add();
        try
        {
            // A query may be asked for only after a first reset, which comes before every slice in the queue's order.
            using GpuRecording reset = device.CreateRecording("reset slice timer");
            reset.Begin();
            device.Vk.CmdResetQueryPool(reset.Handle, pool, 0, info.QueryCount);
            reset.End();
            _firstReset = device.Submit(reset);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public void Begin(GpuCommands commands, int slice)
    {
        _device.Vk.CmdResetQueryPool(commands.Handle, _pool, (uint)slice * 2, 2);
        // After the barrier that begins a slice, so that it does not count the time spent behind other work.
        _device.Vk.CmdWriteTimestamp(commands.Handle, PipelineStageFlags.ComputeShaderBit, _pool, (uint)slice * 2);
    }

    public void End(GpuCommands commands, int slice) =>
        _device.Vk.CmdWriteTimestamp(commands.Handle, PipelineStageFlags.BottomOfPipeBit, _pool, (uint)slice * 2 + 1);

    /// <summary>Whether a slice is done, and its milliseconds.</summary>
    public bool TryRead(int slice, out double milliseconds)
    {
        milliseconds = 0;
        _device.ThrowIfUnusable();
        if (!_device.Timeline.IsComplete(_firstReset))
            return false;
        ulong* results = stackalloc ulong[4];
        Result result = _device.Vk.GetQueryPoolResults(
            _device.Handle, _pool, (uint)slice * 2, 2, 32, results, 16, QueryResultFlags.Result64Bit | QueryResultFlags.ResultWithAvailabilityBit);
        _device.Check(result, "vkGetQueryPoolResults");
        // Until the slice's own reset has run, the queries still hold what their last use left.
        if (result != Result.Success || results[1] == 0 || results[3] == 0 || results[2] == _seen[slice])
            return false;
        _seen[slice] = results[2];
        milliseconds = ((results[2] - results[0]) & _device.Physical.TimestampMask) * _device.Physical.Limits.TimestampPeriodInNanoseconds / 1e6;
        return true;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _device.Forget(this);
        _device.Disposals.AddBehindHost(() => _device.Disposals.Add(() =>
        {
            _device.Vk.DestroyQueryPool(_device.Handle, _pool, null);
            _device.LiveObjects.Remove();
        }));
    }
}
