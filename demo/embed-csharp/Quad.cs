using System.Reflection;
using Silk.NET.Vulkan;

namespace Titok.EmbedSample;

/// <summary>Draws a quad that turns and wears a texture, into a picture.</summary>
internal sealed unsafe class Quad : IDisposable
{
    private readonly Renderer _renderer;
    private readonly uint _size;
    private readonly RenderPass _pass;
    private readonly Framebuffer _framebuffer;
    private readonly Sampler _sampler;
    private readonly DescriptorSetLayout _setLayout;
    private readonly DescriptorPool _pool;
    private readonly DescriptorSet _set;
    private readonly PipelineLayout _layout;
    private readonly Pipeline _pipeline;

    public Quad(Renderer renderer, Picture frame, uint size, Picture texture)
    {
        (_renderer, _size) = (renderer, size);
        _pass = MakePass();
        ImageView view = frame.View;
        var framebufferInfo = new FramebufferCreateInfo { SType = StructureType.FramebufferCreateInfo, RenderPass = _pass, AttachmentCount = 1, PAttachments = &view, Width = size, Height = size, Layers = 1 };
        Framebuffer framebuffer;
        Renderer.Check(renderer.Vk.CreateFramebuffer(renderer.Device, &framebufferInfo, null, &framebuffer));
        _framebuffer = framebuffer;
        var samplerInfo = new SamplerCreateInfo { SType = StructureType.SamplerCreateInfo, MagFilter = Filter.Linear, MinFilter = Filter.Linear };
        Sampler sampler;
        Renderer.Check(renderer.Vk.CreateSampler(renderer.Device, &samplerInfo, null, &sampler));
        _sampler = sampler;

        var binding = new DescriptorSetLayoutBinding { DescriptorType = DescriptorType.CombinedImageSampler, DescriptorCount = 1, StageFlags = ShaderStageFlags.FragmentBit };
        var setInfo = new DescriptorSetLayoutCreateInfo { SType = StructureType.DescriptorSetLayoutCreateInfo, BindingCount = 1, PBindings = &binding };
        DescriptorSetLayout setLayout;
        Renderer.Check(renderer.Vk.CreateDescriptorSetLayout(renderer.Device, &setInfo, null, &setLayout));
        _setLayout = setLayout;
        var poolSize = new DescriptorPoolSize(DescriptorType.CombinedImageSampler, 1);
        var poolInfo = new DescriptorPoolCreateInfo { SType = StructureType.DescriptorPoolCreateInfo, MaxSets = 1, PoolSizeCount = 1, PPoolSizes = &poolSize };
        DescriptorPool pool;
        Renderer.Check(renderer.Vk.CreateDescriptorPool(renderer.Device, &poolInfo, null, &pool));
        _pool = pool;
        var allocate = new DescriptorSetAllocateInfo { SType = StructureType.DescriptorSetAllocateInfo, DescriptorPool = pool, DescriptorSetCount = 1, PSetLayouts = &setLayout };
        DescriptorSet set;
        Renderer.Check(renderer.Vk.AllocateDescriptorSets(renderer.Device, &allocate, &set));
        _set = set;
        var image = new DescriptorImageInfo(sampler, texture.View, ImageLayout.ShaderReadOnlyOptimal);
        var write = new WriteDescriptorSet { SType = StructureType.WriteDescriptorSet, DstSet = set, DescriptorCount = 1, DescriptorType = DescriptorType.CombinedImageSampler, PImageInfo = &image };
        renderer.Vk.UpdateDescriptorSets(renderer.Device, 1, &write, 0, null);

        var push = new PushConstantRange(ShaderStageFlags.VertexBit, 0, sizeof(float));
        var layoutInfo = new PipelineLayoutCreateInfo { SType = StructureType.PipelineLayoutCreateInfo, SetLayoutCount = 1, PSetLayouts = &setLayout, PushConstantRangeCount = 1, PPushConstantRanges = &push };
        PipelineLayout layout;
        Renderer.Check(renderer.Vk.CreatePipelineLayout(renderer.Device, &layoutInfo, null, &layout));
        _layout = layout;
        _pipeline = MakePipeline();
    }

    /// <summary>Draws; the picture is in the layout of a copy's source afterwards.</summary>
    public void Draw(CommandBuffer commands, float angle)
    {
        var clear = new ClearValue(new ClearColorValue(0.16f, 0.2f, 0.28f, 1));
        var begin = new RenderPassBeginInfo
        {
            SType = StructureType.RenderPassBeginInfo,
            RenderPass = _pass,
            Framebuffer = _framebuffer,
            RenderArea = new Rect2D(null, new Extent2D(_size, _size)),
            ClearValueCount = 1,
            PClearValues = &clear,
        };
        _renderer.Vk.CmdBeginRenderPass(commands, &begin, SubpassContents.Inline);
        _renderer.Vk.CmdBindPipeline(commands, PipelineBindPoint.Graphics, _pipeline);
        DescriptorSet set = _set;
        _renderer.Vk.CmdBindDescriptorSets(commands, PipelineBindPoint.Graphics, _layout, 0, 1, &set, 0, null);
        _renderer.Vk.CmdPushConstants(commands, _layout, ShaderStageFlags.VertexBit, 0, sizeof(float), &angle);
        _renderer.Vk.CmdDraw(commands, 6, 1, 0, 0);
        _renderer.Vk.CmdEndRenderPass(commands);
    }

    public void Dispose()
    {
        _renderer.Vk.DestroyPipeline(_renderer.Device, _pipeline, null);
        _renderer.Vk.DestroyPipelineLayout(_renderer.Device, _layout, null);
        _renderer.Vk.DestroyDescriptorPool(_renderer.Device, _pool, null);
        _renderer.Vk.DestroyDescriptorSetLayout(_renderer.Device, _setLayout, null);
        _renderer.Vk.DestroySampler(_renderer.Device, _sampler, null);
        _renderer.Vk.DestroyFramebuffer(_renderer.Device, _framebuffer, null);
        _renderer.Vk.DestroyRenderPass(_renderer.Device, _pass, null);
    }

    private RenderPass MakePass()
    {
        var attachment = new AttachmentDescription
        {
            Format = Picture.Format,
            Samples = SampleCountFlags.Count1Bit,
            LoadOp = AttachmentLoadOp.Clear,
            StoreOp = AttachmentStoreOp.Store,
            StencilLoadOp = AttachmentLoadOp.DontCare,
            StencilStoreOp = AttachmentStoreOp.DontCare,
            FinalLayout = ImageLayout.TransferSrcOptimal,
        };
        var reference = new AttachmentReference(0, ImageLayout.ColorAttachmentOptimal);
        var subpass = new SubpassDescription { PipelineBindPoint = PipelineBindPoint.Graphics, ColorAttachmentCount = 1, PColorAttachments = &reference };
        // It is copied out after it is drawn.
        var dependency = new SubpassDependency(
            0, Vk.SubpassExternal, PipelineStageFlags.ColorAttachmentOutputBit, PipelineStageFlags.TransferBit, AccessFlags.ColorAttachmentWriteBit, AccessFlags.TransferReadBit);
        var info = new RenderPassCreateInfo { SType = StructureType.RenderPassCreateInfo, AttachmentCount = 1, PAttachments = &attachment, SubpassCount = 1, PSubpasses = &subpass, DependencyCount = 1, PDependencies = &dependency };
        RenderPass pass;
        Renderer.Check(_renderer.Vk.CreateRenderPass(_renderer.Device, &info, null, &pass));
        return pass;
    }

    private Pipeline MakePipeline()
    {
        ShaderModule vertex = Shader("quad.vert.spv"), fragment = Shader("quad.frag.spv");
        fixed (byte* main = "main\0"u8)
        {
            var stages = stackalloc PipelineShaderStageCreateInfo[2];
            stages[0] = new() { SType = StructureType.PipelineShaderStageCreateInfo, Stage = ShaderStageFlags.VertexBit, Module = vertex, PName = main };
            stages[1] = new() { SType = StructureType.PipelineShaderStageCreateInfo, Stage = ShaderStageFlags.FragmentBit, Module = fragment, PName = main };
            var vertices = new PipelineVertexInputStateCreateInfo { SType = StructureType.PipelineVertexInputStateCreateInfo };
            var assembly = new PipelineInputAssemblyStateCreateInfo { SType = StructureType.PipelineInputAssemblyStateCreateInfo, Topology = PrimitiveTopology.TriangleList };
            var viewport = new Viewport(0, 0, _size, _size, 0, 1);
            var scissor = new Rect2D(null, new Extent2D(_size, _size));
            var view = new PipelineViewportStateCreateInfo { SType = StructureType.PipelineViewportStateCreateInfo, ViewportCount = 1, PViewports = &viewport, ScissorCount = 1, PScissors = &scissor };
            var raster = new PipelineRasterizationStateCreateInfo { SType = StructureType.PipelineRasterizationStateCreateInfo, LineWidth = 1 };
            var samples = new PipelineMultisampleStateCreateInfo { SType = StructureType.PipelineMultisampleStateCreateInfo, RasterizationSamples = SampleCountFlags.Count1Bit };
            var attachment = new PipelineColorBlendAttachmentState { ColorWriteMask = ColorComponentFlags.RBit | ColorComponentFlags.GBit | ColorComponentFlags.BBit | ColorComponentFlags.ABit };
            var blend = new PipelineColorBlendStateCreateInfo { SType = StructureType.PipelineColorBlendStateCreateInfo, AttachmentCount = 1, PAttachments = &attachment };
            var info = new GraphicsPipelineCreateInfo
            {
                SType = StructureType.GraphicsPipelineCreateInfo,
                StageCount = 2,
                PStages = stages,
                PVertexInputState = &vertices,
                PInputAssemblyState = &assembly,
                PViewportState = &view,
                PRasterizationState = &raster,
                PMultisampleState = &samples,
                PColorBlendState = &blend,
                Layout = _layout,
                RenderPass = _pass,
            };
            Pipeline pipeline;
            Renderer.Check(_renderer.Vk.CreateGraphicsPipelines(_renderer.Device, default, 1, &info, null, &pipeline));
            _renderer.Vk.DestroyShaderModule(_renderer.Device, vertex, null);
            _renderer.Vk.DestroyShaderModule(_renderer.Device, fragment, null);
            return pipeline;
        }
    }

    private ShaderModule Shader(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        byte[] code = new byte[stream.Length];
        stream.ReadExactly(code);
        fixed (byte* words = code)
        {
            var info = new ShaderModuleCreateInfo { SType = StructureType.ShaderModuleCreateInfo, CodeSize = (nuint)code.Length, PCode = (uint*)words };
            ShaderModule module;
            Renderer.Check(_renderer.Vk.CreateShaderModule(_renderer.Device, &info, null, &module));
            return module;
        }
    }
}
