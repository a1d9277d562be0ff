namespace Titok.Vulkan.Gpu;

/// <summary>What a dispatch runs: a <see cref="GpuPipeline"/> or a <see cref="GpuFunction"/>.</summary>
internal abstract class GpuProgram(GpuDevice device, string name, int bindingCount, int argumentSizeInBytes)
{
    public string Name => name;

    public int BindingCount => bindingCount;

    /// <summary>Bytes that each dispatch gives it: a pipeline's push constants, or a function's parameters.</summary>
    public int ArgumentSizeInBytes => argumentSizeInBytes;

    internal GpuDevice Device => device;

    public override string ToString() => Name;

    /// <summary>Throws unless a dispatch with these bindings and groups is within the device's limits.</summary>
    internal void CheckDispatch(GpuDevice dispatching, ReadOnlySpan<GpuBufferRange> bindings, int givenInBytes, uint x, uint y, uint z)
    {
        if (dispatching != Device)
            throw new ArgumentException($"The program '{Name}' belongs to another device.");
        if (bindings.Length != BindingCount)
            throw new ArgumentException($"'{Name}' has {BindingCount} bindings, not {bindings.Length}.");
        if (givenInBytes != ArgumentSizeInBytes)
            throw new ArgumentException($"'{Name}' takes {ArgumentSizeInBytes} bytes of constants and addresses, not {givenInBytes}.");
        GpuLimits limits = Device.Physical.Limits;
        if (x > limits.MaxComputeWorkGroupCountX || y > limits.MaxComputeWorkGroupCountY || z > limits.MaxComputeWorkGroupCountZ)
            throw new ArgumentException($"'{Name}': {x}×{y}×{z} groups are more than {Device.Physical.Name} takes ({limits.MaxComputeWorkGroupCountX}×{limits.MaxComputeWorkGroupCountY}×{limits.MaxComputeWorkGroupCountZ}).");
        for (int i = 0; i < bindings.Length; i++)
        {
            bindings[i].Check(Device);
            CheckBinding(i, bindings[i]);
        }
    }

    /// <summary>Throws where a range is larger than one that descriptors may have.</summary>
    private protected void CheckSize(int index, GpuBufferRange range)
    {
        long most = Device.Physical.Limits.MaxStorageBufferRangeInBytes;
        if (range.SizeInBytes > most)
            throw new ArgumentException($"'{Name}' binding {index}: {range.SizeInBytes} bytes of '{range.Buffer.Name}' are more than maxStorageBufferRange, {most}.");
    }

    /// <summary>Throws unless a range inside its buffer can be a binding of this kind of program.</summary>
    private protected abstract void CheckBinding(int index, GpuBufferRange range);
}
