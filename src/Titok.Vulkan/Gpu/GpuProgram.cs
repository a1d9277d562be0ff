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
}
