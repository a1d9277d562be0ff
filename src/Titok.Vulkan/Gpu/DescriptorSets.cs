using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>The descriptor sets of one recording, from pools that grow with it and are kept for the next.</summary>
internal sealed unsafe class DescriptorSets(GpuDevice device, string name) : IDisposable
{
    private const int SetsPerPool = 128;
    private const int BuffersPerSet = 8;

    private readonly List<DescriptorPool> _pools = [];
    private int _current;
    private int _setsLeft;
    private int _buffersLeft;

    /// <summary>The set for a dispatch; none where there are no bindings, or the program takes them by address.</summary>
    public DescriptorSet Make(GpuProgram program, ReadOnlySpan<GpuBufferRange> bindings)
    {
        if (program is not GpuPipeline pipeline || bindings.Length == 0)
            return default;
        if (_pools.Count == 0 || _setsLeft < 1 || _buffersLeft < bindings.Length)
            NextPool(bindings.Length);
        DescriptorSetLayout layout = pipeline.SetLayout;
        var info = new DescriptorSetAllocateInfo
        {
            SType = StructureType.DescriptorSetAllocateInfo,
            DescriptorPool = _pools[_current],
            DescriptorSetCount = 1,
            PSetLayouts = &layout,
        };
        DescriptorSet set;
        device.Check(device.Vk.AllocateDescriptorSets(device.Handle, &info, &set), "vkAllocateDescriptorSets");
        _setsLeft--;
        _buffersLeft -= bindings.Length;

        var buffers = stackalloc DescriptorBufferInfo[bindings.Length];
        var writes = stackalloc WriteDescriptorSet[bindings.Length];
        for (int i = 0; i < bindings.Length; i++)
        {
            buffers[i] = new DescriptorBufferInfo
            {
                Buffer = bindings[i].Buffer.Handle,
                Offset = (ulong)bindings[i].OffsetInBytes,
                Range = (ulong)bindings[i].SizeInBytes,
            };
            writes[i] = new WriteDescriptorSet
            {
                SType = StructureType.WriteDescriptorSet,
                DstSet = set,
                DstBinding = (uint)i,
                DescriptorCount = 1,
                DescriptorType = DescriptorType.StorageBuffer,
                PBufferInfo = &buffers[i],
            };
        }
        device.Vk.UpdateDescriptorSets(device.Handle, (uint)bindings.Length, writes, 0, null);
        return set;
    }

    /// <summary>Frees all sets; nothing that uses them may be pending.</summary>
    public void Reset()
    {
        foreach (DescriptorPool pool in _pools)
            device.Check(device.Vk.ResetDescriptorPool(device.Handle, pool, 0), "vkResetDescriptorPool");
        _current = 0;
        (_setsLeft, _buffersLeft) = _pools.Count == 0 ? (0, 0) : (SetsPerPool, SetsPerPool * BuffersPerSet);
    }

    public void Dispose()
    {
        foreach (DescriptorPool pool in _pools)
        {
            device.Vk.DestroyDescriptorPool(device.Handle, pool, null);
            device.LiveObjects.Remove();
        }
        _pools.Clear();
    }

    private void NextPool(int bindingCount)
    {
        if (bindingCount > SetsPerPool * BuffersPerSet)
            throw new ArgumentException($"{bindingCount} bindings are more than a recording gives one dispatch.");
        if (_pools.Count > 0 && _current + 1 < _pools.Count)
        {
            _current++;
        }
        else
        {
            var size = new DescriptorPoolSize { Type = DescriptorType.StorageBuffer, DescriptorCount = SetsPerPool * BuffersPerSet };
            var info = new DescriptorPoolCreateInfo
            {
                SType = StructureType.DescriptorPoolCreateInfo,
                MaxSets = SetsPerPool,
                PoolSizeCount = 1,
                PPoolSizes = &size,
            };
            DescriptorPool pool;
            device.Check(device.Vk.CreateDescriptorPool(device.Handle, &info, null, &pool), "vkCreateDescriptorPool");
            device.LiveObjects.Add();
            device.DebugNames.Name(ObjectType.DescriptorPool, pool.Handle, name);
            _pools.Add(pool);
            _current = _pools.Count - 1;
        }
        (_setsLeft, _buffersLeft) = (SetsPerPool, SetsPerPool * BuffersPerSet);
    }
}
