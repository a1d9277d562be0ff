using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>The timestamps of one recording, from query pools that grow with it.</summary>
internal sealed unsafe class GpuTimestamps(GpuDevice device) : IDisposable
{
    private const int QueriesPerPool = 256;

    private readonly List<QueryPool> _pools = [];
    private readonly List<string> _labels = [];

    public bool IsSupported => device.Physical.TimestampBits > 0;

    public void Clear() => _labels.Clear();

    public void Write(CommandBuffer commands, string label)
    {
        if (!IsSupported)
            return;
        int pool = _labels.Count / QueriesPerPool, query = _labels.Count % QueriesPerPool;
        if (pool == _pools.Count)
            AddPool();
        // Reset inside the recording, so that each replay starts fresh.
        if (query == 0)
            device.Vk.CmdResetQueryPool(commands, _pools[pool], 0, QueriesPerPool);
        device.Vk.CmdWriteTimestamp(commands, PipelineStageFlags.BottomOfPipeBit, _pools[pool], (uint)query);
        _labels.Add(label);
    }

    /// <summary>Milliseconds since the timestamp before (the first: 0), from the latest finished run.</summary>
    public IReadOnlyList<(string Label, double Milliseconds)> Read()
    {
        var times = new (string, double)[_labels.Count];
        ulong[] ticks = new ulong[_labels.Count];
        for (int first = 0; first < ticks.Length; first += QueriesPerPool)
        {
            int count = Math.Min(QueriesPerPool, ticks.Length - first);
            fixed (ulong* results = &ticks[first])
            {
                device.Check(device.Vk.GetQueryPoolResults(
                    device.Handle, _pools[first / QueriesPerPool], 0, (uint)count, (nuint)count * 8, results, 8,
                    QueryResultFlags.Result64Bit | QueryResultFlags.ResultWaitBit), "vkGetQueryPoolResults");
            }
        }
        double period = device.Physical.Limits.TimestampPeriodInNanoseconds;
        for (int i = 0; i < times.Length; i++)
        {
            ulong passed = i == 0 ? 0 : (ticks[i] - ticks[i - 1]) & device.Physical.TimestampMask;
            times[i] = (_labels[i], passed * period / 1e6);
        }
        return times;
    }

    public void Dispose()
    {
        foreach (QueryPool pool in _pools)
        {
            device.Vk.DestroyQueryPool(device.Handle, pool, null);
            device.LiveObjects.Remove();
        }
        _pools.Clear();
        _labels.Clear();
    }

    private void AddPool()
    {
        var info = new QueryPoolCreateInfo
        {
            SType = StructureType.QueryPoolCreateInfo,
            QueryType = QueryType.Timestamp,
            QueryCount = QueriesPerPool,
        };
        QueryPool pool;
        device.Check(device.Vk.CreateQueryPool(device.Handle, &info, null, &pool), "vkCreateQueryPool");
        device.LiveObjects.Add();
        _pools.Add(pool);
    }
}
