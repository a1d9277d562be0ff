using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>A compute pipeline: one shader with its specialization constants fixed. Its bindings are storage buffers of set 0.</summary>
internal sealed class GpuPipeline(
    GpuDevice device, string name, Pipeline handle, PipelineLayout layout, DescriptorSetLayout setLayout, int bindingCount, int pushConstantSizeInBytes)
    : GpuProgram(device, name, bindingCount, pushConstantSizeInBytes)
{
    internal Pipeline Handle => handle;

    internal PipelineLayout Layout => layout;

    internal DescriptorSetLayout SetLayout => setLayout;

    private protected override void CheckBinding(int index, GpuBufferRange range)
    {
        GpuLimits limits = Device.Physical.Limits;
        if (range.OffsetInBytes % limits.MinStorageBufferOffsetAlignmentInBytes != 0)
            throw new ArgumentException($"'{Name}' binding {index}: offset {range.OffsetInBytes} of '{range.Buffer.Name}' is not a multiple of {limits.MinStorageBufferOffsetAlignmentInBytes}.");
        CheckSize(index, range);
    }
}
