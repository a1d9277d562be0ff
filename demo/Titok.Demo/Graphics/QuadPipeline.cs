using System.Reflection;
using Silk.NET.Vulkan;

namespace Titok.Demo.Graphics;

/// <summary>The one pipeline that paints everything: rectangles in order, each over what is there.</summary>
internal sealed unsafe class QuadPipeline : IDisposable
{
    private readonly GraphicsDevice _device;

    public QuadPipeline(GraphicsDevice device, Format format, ImageLayout finalLayout)
    {
        _device = device;
        try
        {
            RenderPass = CreateRenderPass(format, finalLayout);
            SetLayout = CreateSetLayout();
            Layout = CreateLayout();
            Handle = CreatePipeline();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public RenderPass RenderPass { get; }

    public DescriptorSetLayout SetLayout { get; }

    public PipelineLayout Layout { get; }

    public Pipeline Handle { get; }

    public void Dispose()
    {
        _device.Vk.DestroyPipeline(_device.Handle, Handle, null);
        _device.Vk.DestroyPipelineLayout(_device.Handle, Layout, null);
        _device.Vk.DestroyDescriptorSetLayout(_device.Handle, SetLayout, null);
        _device.Vk.DestroyRenderPass(_device.Handle, RenderPass, null);
    }

    private RenderPass CreateRenderPass(Format format, ImageLayout finalLayout)
    {
        var attachment = new AttachmentDescription
        {
            Format = format,
            Samples = SampleCountFlags.Count1Bit,
            LoadOp = AttachmentLoadOp.Clear,
            StoreOp = AttachmentStoreOp.Store,
            InitialLayout = ImageLayout.Undefined,
            FinalLayout = finalLayout,
        };
        var reference = new AttachmentReference(0, ImageLayout.ColorAttachmentOptimal);
        var subpass = new SubpassDescription { PipelineBindPoint = PipelineBindPoint.Graphics, ColorAttachmentCount = 1, PColorAttachments = &reference };
        SubpassDependency* dependencies = stackalloc SubpassDependency[]
        {
            new(Vk.SubpassExternal, 0, PipelineStageFlags.ColorAttachmentOutputBit | PipelineStageFlags.TransferBit, PipelineStageFlags.ColorAttachmentOutputBit, 0, AccessFlags.ColorAttachmentWriteBit),
            new(0, Vk.SubpassExternal, PipelineStageFlags.ColorAttachmentOutputBit, PipelineStageFlags.TransferBit, AccessFlags.ColorAttachmentWriteBit, AccessFlags.TransferReadBit),
        };
        var info = new RenderPassCreateInfo
        {
            SType = StructureType.RenderPassCreateInfo,
            AttachmentCount = 1,
            PAttachments = &attachment,
            SubpassCount = 1,
            PSubpasses = &subpass,
            DependencyCount = 2,
            PDependencies = dependencies,
        };
        RenderPass pass;
        VulkanCall.Check(_device.Vk.CreateRenderPass(_device.Handle, &info, null, &pass));
        return pass;
    }

    private DescriptorSetLayout CreateSetLayout()
    {
        DescriptorSetLayoutBinding* bindings = stackalloc DescriptorSetLayoutBinding[]
        {
            new(0, DescriptorType.StorageBuffer, 1, ShaderStageFlags.VertexBit | ShaderStageFlags.FragmentBit),
            new(1, DescriptorType.CombinedImageSampler, 1, ShaderStageFlags.FragmentBit),
            new(2, DescriptorType.CombinedImageSampler, 1, ShaderStageFlags.FragmentBit),
        };
        var info = new DescriptorSetLayoutCreateInfo { SType = StructureType.DescriptorSetLayoutCreateInfo, BindingCount = 3, PBindings = bindings };
        DescriptorSetLayout layout;
        VulkanCall.Check(_device.Vk.CreateDescriptorSetLayout(_device.Handle, &info, null, &layout));
        return layout;
    }

    private PipelineLayout CreateLayout()
    {
        DescriptorSetLayout set = SetLayout;
        var push = new PushConstantRange(ShaderStageFlags.VertexBit | ShaderStageFlags.FragmentBit, 0, QuadRenderer.PushSizeInBytes);
        var info = new PipelineLayoutCreateInfo
        {
            SType = StructureType.PipelineLayoutCreateInfo,
            SetLayoutCount = 1,
            PSetLayouts = &set,
            PushConstantRangeCount = 1,
            PPushConstantRanges = &push,
        };
        PipelineLayout layout;
        VulkanCall.Check(_device.Vk.CreatePipelineLayout(_device.Handle, &info, null, &layout));
        return layout;
    }

    private Pipeline CreatePipeline()
    {
        ShaderModule vertex = Load("quad.vert"), fragment = default;
        try
        {
            fragment = Load("quad.frag");
            return CreatePipeline(vertex, fragment);
        }
        finally
        {
            _device.Vk.DestroyShaderModule(_device.Handle, vertex, null);
            _device.Vk.DestroyShaderModule(_device.Handle, fragment, null);
        }
    }

    private Pipeline CreatePipeline(ShaderModule vertex, ShaderModule fragment)
    {
        using var entry = new NativeNames(["main"]);
        PipelineShaderStageCreateInfo* stages = stackalloc PipelineShaderStageCreateInfo[]
        {
            new() { SType = StructureType.PipelineShaderStageCreateInfo, Stage = ShaderStageFlags.VertexBit, Module = vertex, PName = entry.Pointers[0] },
            new() { SType = StructureType.PipelineShaderStageCreateInfo, Stage = ShaderStageFlags.FragmentBit, Module = fragment, PName = entry.Pointers[0] },
        };
        var noVertices = new PipelineVertexInputStateCreateInfo { SType = StructureType.PipelineVertexInputStateCreateInfo };
        var triangles = new PipelineInputAssemblyStateCreateInfo { SType = StructureType.PipelineInputAssemblyStateCreateInfo, Topology = PrimitiveTopology.TriangleList };
        var viewport = new PipelineViewportStateCreateInfo { SType = StructureType.PipelineViewportStateCreateInfo, ViewportCount = 1, ScissorCount = 1 };
        var raster = new PipelineRasterizationStateCreateInfo { SType = StructureType.PipelineRasterizationStateCreateInfo, CullMode = CullModeFlags.None, LineWidth = 1 };
        var samples = new PipelineMultisampleStateCreateInfo { SType = StructureType.PipelineMultisampleStateCreateInfo, RasterizationSamples = SampleCountFlags.Count1Bit };
        var over = new PipelineColorBlendAttachmentState
        {
            BlendEnable = true,
            SrcColorBlendFactor = BlendFactor.One,
            DstColorBlendFactor = BlendFactor.OneMinusSrcAlpha,
            SrcAlphaBlendFactor = BlendFactor.One,
            DstAlphaBlendFactor = BlendFactor.OneMinusSrcAlpha,
            ColorWriteMask = ColorComponentFlags.RBit | ColorComponentFlags.GBit | ColorComponentFlags.BBit | ColorComponentFlags.ABit,
        };
        var blend = new PipelineColorBlendStateCreateInfo { SType = StructureType.PipelineColorBlendStateCreateInfo, AttachmentCount = 1, PAttachments = &over };
        DynamicState* states = stackalloc[] { DynamicState.Viewport, DynamicState.Scissor };
        var dynamic = new PipelineDynamicStateCreateInfo { SType = StructureType.PipelineDynamicStateCreateInfo, DynamicStateCount = 2, PDynamicStates = states };
        var info = new GraphicsPipelineCreateInfo
        {
            SType = StructureType.GraphicsPipelineCreateInfo,
            StageCount = 2,
            PStages = stages,
            PVertexInputState = &noVertices,
            PInputAssemblyState = &triangles,
            PViewportState = &viewport,
            PRasterizationState = &raster,
            PMultisampleState = &samples,
            PColorBlendState = &blend,
            PDynamicState = &dynamic,
            Layout = Layout,
            RenderPass = RenderPass,
        };
        Pipeline pipeline;
        VulkanCall.Check(_device.Vk.CreateGraphicsPipelines(_device.Handle, default, 1, &info, null, &pipeline));
        return pipeline;
    }

    private ShaderModule Load(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Titok.Demo.{name}.spv")!;
        byte[] code = new byte[stream.Length];
        stream.ReadExactly(code);
        fixed (byte* first = code)
        {
            var info = new ShaderModuleCreateInfo { SType = StructureType.ShaderModuleCreateInfo, CodeSize = (nuint)code.Length, PCode = (uint*)first };
            ShaderModule module;
            VulkanCall.Check(_device.Vk.CreateShaderModule(_device.Handle, &info, null, &module));
            return module;
        }
    }
}
