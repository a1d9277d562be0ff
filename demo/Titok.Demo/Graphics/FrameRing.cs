using Silk.NET.Vulkan;

namespace Titok.Demo.Graphics;

/// <summary>A frame being recorded.</summary>
/// <param name="Slot">Which of the frames in flight it is, 0 to <see cref="FrameRing.Slots"/> − 1.</param>
/// <param name="Image">The target's image that it is drawn into.</param>
/// <param name="Commands">What it records into.</param>
internal readonly record struct Frame(int Slot, int Image, CommandBuffer Commands);

/// <summary>Frames in flight: while the device works on one, the next is recorded.</summary>
internal sealed unsafe class FrameRing : IDisposable
{
    public const int Slots = 2;

    private readonly GraphicsDevice _device;
    private readonly CommandPool _pool;
    private readonly CommandBuffer[] _commands = new CommandBuffer[Slots];
    private readonly Fence[] _done = new Fence[Slots];
    private readonly Silk.NET.Vulkan.Semaphore[] _acquired = new Silk.NET.Vulkan.Semaphore[Slots];
    private int _slot;

    public FrameRing(GraphicsDevice device)
    {
        _device = device;
        var poolInfo = new CommandPoolCreateInfo
        {
            SType = StructureType.CommandPoolCreateInfo,
            Flags = CommandPoolCreateFlags.ResetCommandBufferBit,
            QueueFamilyIndex = device.Adapter.QueueFamily,
        };
        CommandPool pool;
        VulkanCall.Check(device.Vk.CreateCommandPool(device.Handle, &poolInfo, null, &pool));
        _pool = pool;
        var info = new CommandBufferAllocateInfo
        {
            SType = StructureType.CommandBufferAllocateInfo,
            CommandPool = pool,
            Level = CommandBufferLevel.Primary,
            CommandBufferCount = Slots,
        };
        try
        {
            fixed (CommandBuffer* first = _commands)
                VulkanCall.Check(device.Vk.AllocateCommandBuffers(device.Handle, &info, first));
            for (int slot = 0; slot < Slots; slot++)
            {
                _done[slot] = device.CreateFence(signaled: true);
                _acquired[slot] = device.CreateSemaphore();
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Waits for the frame that had this place before, and begins to record; null where there is nothing to draw into.</summary>
    public Frame? Begin(IFrameTarget target)
    {
        Fence done = _done[_slot];
        VulkanCall.Check(_device.Vk.WaitForFences(_device.Handle, 1, &done, true, ulong.MaxValue));
        if (target.Acquire(_acquired[_slot]) is not { } image)
            return null;
        CommandBuffer commands = _commands[_slot];
        var info = new CommandBufferBeginInfo { SType = StructureType.CommandBufferBeginInfo, Flags = CommandBufferUsageFlags.OneTimeSubmitBit };
        VulkanCall.Check(_device.Vk.BeginCommandBuffer(commands, &info));
        return new Frame(_slot, image, commands);
    }

    /// <summary>Sends the frame off.</summary>
    public void End(Frame frame, IFrameTarget target)
    {
        VulkanCall.Check(_device.Vk.EndCommandBuffer(frame.Commands));
        Fence done = _done[frame.Slot];
        VulkanCall.Check(_device.Vk.ResetFences(_device.Handle, 1, &done));
        Silk.NET.Vulkan.Semaphore acquired = _acquired[frame.Slot], drawn = target.Drawn(frame.Image);
        PipelineStageFlags stage = PipelineStageFlags.ColorAttachmentOutputBit;
        CommandBuffer commands = frame.Commands;
        var submit = new SubmitInfo
        {
            SType = StructureType.SubmitInfo,
            WaitSemaphoreCount = target.SignalsAcquired ? 1u : 0,
            PWaitSemaphores = &acquired,
            PWaitDstStageMask = &stage,
            CommandBufferCount = 1,
            PCommandBuffers = &commands,
            SignalSemaphoreCount = drawn.Handle != 0 ? 1u : 0,
            PSignalSemaphores = &drawn,
        };
        lock (_device.QueueLock)
            VulkanCall.Check(_device.Vk.QueueSubmit(_device.Queue, 1, &submit, done));
        target.Present(frame.Image);
        _slot = (_slot + 1) % Slots;
    }

    /// <summary>Waits for a frame that was sent off.</summary>
    public void Wait(Frame frame)
    {
        Fence done = _done[frame.Slot];
        VulkanCall.Check(_device.Vk.WaitForFences(_device.Handle, 1, &done, true, ulong.MaxValue));
    }

    public void Dispose()
    {
        for (int slot = 0; slot < Slots; slot++)
        {
            _device.Vk.DestroyFence(_device.Handle, _done[slot], null);
            _device.Vk.DestroySemaphore(_device.Handle, _acquired[slot], null);
        }
        _device.Vk.DestroyCommandPool(_device.Handle, _pool, null);
    }
}
