using System.Runtime.InteropServices;
using Silk.NET.Vulkan;
using Titok.Demo.Drawing;

namespace Titok.Demo.Graphics;

/// <summary>Paints rectangles, pictures and the overlay into a target.</summary>
internal sealed unsafe class QuadRenderer : IDisposable
{
    public const uint PushSizeInBytes = 3 * sizeof(float);

    /// <summary>More than a wall of 64 pictures and a token strip of 256 ever need.</summary>
    private const int MaxQuads = 1024;

    private readonly GraphicsDevice _device;
    private readonly IFrameTarget _target;
    private readonly QuadPipeline _pipeline;
    private readonly DescriptorPool _pool;
    private readonly DescriptorSet[] _sets = new DescriptorSet[FrameRing.Slots];
    private readonly MappedBuffer[] _quads = new MappedBuffer[FrameRing.Slots];
    private readonly (ColorImage Pictures, ColorImage Overlay)?[] _bound = new (ColorImage, ColorImage)?[FrameRing.Slots];
    private readonly Sampler _sampler;
    private readonly List<Framebuffer> _framebuffers = [];
    private int _generation = -1;

    public QuadRenderer(GraphicsDevice device, IFrameTarget target)
    {
        (_device, _target) = (device, target);
        _pipeline = new QuadPipeline(device, target.Format, target.FinalLayout);
        try
        {
            _sampler = CreateSampler();
            _pool = CreatePool();
            for (int slot = 0; slot < FrameRing.Slots; slot++)
            {
                _quads[slot] = new MappedBuffer(device, MaxQuads * sizeof(Quad), BufferUsageFlags.StorageBufferBit);
                DescriptorSetLayout layout = _pipeline.SetLayout;
                var info = new DescriptorSetAllocateInfo { SType = StructureType.DescriptorSetAllocateInfo, DescriptorPool = _pool, DescriptorSetCount = 1, PSetLayouts = &layout };
                DescriptorSet set;
                VulkanCall.Check(device.Vk.AllocateDescriptorSets(device.Handle, &info, &set));
                _sets[slot] = set;
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Records the frame: the ground, then every rectangle in order.</summary>
    public void Draw(Frame frame, ReadOnlySpan<Quad> quads, ColorImage pictures, ColorImage overlay, System.Numerics.Vector4 ground, float seconds)
    {
        if (_generation != _target.Generation)
            RenewFramebuffers();
        quads = quads[..Math.Min(quads.Length, MaxQuads)];
        MemoryMarshal.AsBytes(quads).CopyTo(_quads[frame.Slot].Bytes);
        Bind(frame.Slot, pictures, overlay);

        Vk vk = _device.Vk;
        CommandBuffer commands = frame.Commands;
        var clear = new ClearValue(new ClearColorValue(ground.X, ground.Y, ground.Z, 1));
        var area = new Rect2D(default, new Extent2D((uint)_target.Width, (uint)_target.Height));
        var begin = new RenderPassBeginInfo
        {
            SType = StructureType.RenderPassBeginInfo,
            RenderPass = _pipeline.RenderPass,
            Framebuffer = _framebuffers[frame.Image],
            RenderArea = area,
            ClearValueCount = 1,
            PClearValues = &clear,
        };
        vk.CmdBeginRenderPass(commands, &begin, SubpassContents.Inline);
        var viewport = new Viewport(0, 0, _target.Width, _target.Height, 0, 1);
        vk.CmdSetViewport(commands, 0, 1, &viewport);
        vk.CmdSetScissor(commands, 0, 1, &area);
        vk.CmdBindPipeline(commands, PipelineBindPoint.Graphics, _pipeline.Handle);
        DescriptorSet set = _sets[frame.Slot];
        vk.CmdBindDescriptorSets(commands, PipelineBindPoint.Graphics, _pipeline.Layout, 0, 1, &set, 0, null);
        float* push = stackalloc float[] { _target.Width, _target.Height, seconds };
        vk.CmdPushConstants(commands, _pipeline.Layout, ShaderStageFlags.VertexBit | ShaderStageFlags.FragmentBit, 0, PushSizeInBytes, push);
        vk.CmdDraw(commands, 6, (uint)quads.Length, 0, 0);
        vk.CmdEndRenderPass(commands);
        _target.AfterDrawing(commands, frame.Image);
    }

    public void Dispose()
    {
        DestroyFramebuffers();
        // The last ones are not there where the constructor failed.
        foreach (MappedBuffer? buffer in _quads)
            buffer?.Dispose();
        _device.Vk.DestroyDescriptorPool(_device.Handle, _pool, null);
        _device.Vk.DestroySampler(_device.Handle, _sampler, null);
        _pipeline.Dispose();
    }

    private Sampler CreateSampler()
    {
        var info = new SamplerCreateInfo
        {
            SType = StructureType.SamplerCreateInfo,
            MagFilter = Filter.Linear,
            MinFilter = Filter.Linear,
            AddressModeU = SamplerAddressMode.ClampToEdge,
            AddressModeV = SamplerAddressMode.ClampToEdge,
            AddressModeW = SamplerAddressMode.ClampToEdge,
        };
        Sampler sampler;
        VulkanCall.Check(_device.Vk.CreateSampler(_device.Handle, &info, null, &sampler));
        return sampler;
    }

    private DescriptorPool CreatePool()
    {
        DescriptorPoolSize* sizes = stackalloc DescriptorPoolSize[]
        {
            new(DescriptorType.StorageBuffer, FrameRing.Slots),
            new(DescriptorType.CombinedImageSampler, 2 * FrameRing.Slots),
        };
        var info = new DescriptorPoolCreateInfo { SType = StructureType.DescriptorPoolCreateInfo, MaxSets = FrameRing.Slots, PoolSizeCount = 2, PPoolSizes = sizes };
        DescriptorPool pool;
        VulkanCall.Check(_device.Vk.CreateDescriptorPool(_device.Handle, &info, null, &pool));
        return pool;
    }

    /// <summary>The frame that used this set before is done, so that it may be written.</summary>
    private void Bind(int slot, ColorImage pictures, ColorImage overlay)
    {
        if (_bound[slot] == (pictures, overlay))
            return;
        _bound[slot] = (pictures, overlay);
        var buffer = new DescriptorBufferInfo(_quads[slot].Handle, 0, Vk.WholeSize);
        var pictureInfo = new DescriptorImageInfo(_sampler, pictures.View, ImageLayout.ShaderReadOnlyOptimal);
        var overlayInfo = new DescriptorImageInfo(_sampler, overlay.View, ImageLayout.ShaderReadOnlyOptimal);
        DescriptorSet set = _sets[slot];
        WriteDescriptorSet* writes = stackalloc WriteDescriptorSet[]
        {
            new() { SType = StructureType.WriteDescriptorSet, DstSet = set, DstBinding = 0, DescriptorCount = 1, DescriptorType = DescriptorType.StorageBuffer, PBufferInfo = &buffer },
            new() { SType = StructureType.WriteDescriptorSet, DstSet = set, DstBinding = 1, DescriptorCount = 1, DescriptorType = DescriptorType.CombinedImageSampler, PImageInfo = &pictureInfo },
            new() { SType = StructureType.WriteDescriptorSet, DstSet = set, DstBinding = 2, DescriptorCount = 1, DescriptorType = DescriptorType.CombinedImageSampler, PImageInfo = &overlayInfo },
        };
        _device.Vk.UpdateDescriptorSets(_device.Handle, 3, writes, 0, null);
    }

    private void RenewFramebuffers()
    {
        DestroyFramebuffers();
        foreach (ImageView view in _target.Views)
        {
            ImageView attachment = view;
            var info = new FramebufferCreateInfo
            {
                SType = StructureType.FramebufferCreateInfo,
                RenderPass = _pipeline.RenderPass,
                AttachmentCount = 1,
                PAttachments = &attachment,
                Width = (uint)_target.Width,
                Height = (uint)_target.Height,
                Layers = 1,
            };
            Framebuffer framebuffer;
            VulkanCall.Check(_device.Vk.CreateFramebuffer(_device.Handle, &info, null, &framebuffer));
            _framebuffers.Add(framebuffer);
        }
        _generation = _target.Generation;
    }

    // The target waits for the device before it makes its images anew.
    private void DestroyFramebuffers()
    {
        foreach (Framebuffer framebuffer in _framebuffers)
            _device.Vk.DestroyFramebuffer(_device.Handle, framebuffer, null);
        _framebuffers.Clear();
    }
}
