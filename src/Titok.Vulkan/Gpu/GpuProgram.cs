using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>A compute pipeline: one shader with its specialization constants fixed.</summary>
internal sealed class GpuProgram
{
    internal GpuProgram(GpuDevice device, string name, Pipeline pipeline, PipelineLayout layout, DescriptorSetLayout setLayout, int bindingCount, int pushConstantSizeInBytes)
    {
        Device = device;
        Name = name;
        Pipeline = pipeline;
        Layout = layout;
        SetLayout = setLayout;
        BindingCount = bindingCount;
        PushConstantSizeInBytes = pushConstantSizeInBytes;
    }

    public string Name { get; }

    public int BindingCount { get; }

    public int PushConstantSizeInBytes { get; }

    internal GpuDevice Device { get; }

    internal Pipeline Pipeline { get; }

    internal PipelineLayout Layout { get; }

    internal DescriptorSetLayout SetLayout { get; }

    public override string ToString() => Name;

    /// <summary>Throws unless a dispatch with these bindings and groups is within the device's limits.</summary>
    internal void CheckDispatch(GpuDevice device, ReadOnlySpan<GpuBufferRange> bindings, int pushConstantSizeInBytes, uint x, uint y, uint z)
    {
        if (device != Device)
            throw new ArgumentException($"The program '{Name}' belongs to another device.");
        if (bindings.Length != BindingCount)
            throw new ArgumentException($"'{Name}' has {BindingCount} bindings, not {bindings.Length}.");
        if (pushConstantSizeInBytes != PushConstantSizeInBytes)
            throw new ArgumentException($"'{Name}' has {PushConstantSizeInBytes} bytes of push constants, not {pushConstantSizeInBytes}.");
        GpuLimits limits = Device.Physical.Limits;
        if (x > limits.MaxComputeWorkGroupCountX || y > limits.MaxComputeWorkGroupCountY || z > limits.MaxComputeWorkGroupCountZ)
            throw new ArgumentException($"'{Name}': {x}×{y}×{z} groups are more than {Device.Physical.Name} takes ({limits.MaxComputeWorkGroupCountX}×{limits.MaxComputeWorkGroupCountY}×{limits.MaxComputeWorkGroupCountZ}).");
        for (int i = 0; i < bindings.Length; i++)
        {
            GpuBufferRange range = bindings[i];
            range.Check(Device);
            if (range.OffsetInBytes % limits.MinStorageBufferOffsetAlignmentInBytes != 0)
                throw new ArgumentException($"'{Name}' binding {i}: offset {range.OffsetInBytes} of '{range.Buffer.Name}' is not a multiple of {limits.MinStorageBufferOffsetAlignmentInBytes}.");
            if (range.SizeInBytes > limits.MaxStorageBufferRangeInBytes)
                throw new ArgumentException($"'{Name}' binding {i}: {range.SizeInBytes} bytes of '{range.Buffer.Name}' are more than maxStorageBufferRange, {limits.MaxStorageBufferRangeInBytes}.");
        }
    }
}
