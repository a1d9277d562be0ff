using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>
/// Dispatches bound to their memory once: any part of the list can be put into any command buffer, again and again,
/// without making anything.
/// </summary>
internal sealed class GpuDispatchList(GpuDevice device, string name) : IDisposable
{
    private readonly List<Bound> _dispatches = [];
    private readonly List<byte> _pushConstants = [];
    private readonly HashSet<GpuBuffer> _buffers = [];
    private readonly DescriptorSets _sets = new(device, name);
    private int _disposed;

    private readonly record struct Bound(
        GpuProgram Program, DescriptorSet Set, int PushStart, uint X, uint Y, uint Z, bool BarrierBefore);

    public int Count => _dispatches.Count;

    /// <summary>The buffers that its dispatches use.</summary>
    public HashSet<GpuBuffer> Buffers => _buffers;

    public void Add(
        GpuProgram program, ReadOnlySpan<GpuBufferRange> bindings, ReadOnlySpan<byte> pushConstants,
        uint groupsX, uint groupsY, uint groupsZ, bool barrierBefore)
    {
        program.CheckDispatch(device, bindings, pushConstants.Length, groupsX, groupsY, groupsZ);
        DescriptorSet set = bindings.Length > 0 ? _sets.Make(program, bindings) : default;
        foreach (GpuBufferRange range in bindings)
            _buffers.Add(range.Buffer);
        _dispatches.Add(new Bound(program, set, _pushConstants.Count, groupsX, groupsY, groupsZ, barrierBefore));
        _pushConstants.AddRange(pushConstants);
    }

    /// <summary>Puts dispatches [first, first + count) into a command buffer; pipelines bound there before don't matter.</summary>
    public void Emit(GpuCommands commands, int first, int count)
    {
        ReadOnlySpan<byte> pushConstants = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_pushConstants);
        Pipeline bound = default;
        for (int index = first; index < first + count; index++)
        {
            Bound dispatch = _dispatches[index];
            if (dispatch.BarrierBefore)
                commands.Barrier();
            if (dispatch.Program.Pipeline.Handle != bound.Handle)
                commands.BindPipeline(bound = dispatch.Program.Pipeline);
            commands.Dispatch(
                dispatch.Program, dispatch.Set, pushConstants.Slice(dispatch.PushStart, dispatch.Program.PushConstantSizeInBytes),
                dispatch.X, dispatch.Y, dispatch.Z);
        }
    }

    /// <summary>Frees the descriptor sets, once no pending work of ours may still use them. Never waits.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        device.Forget(this);
        device.Disposals.Add(_sets.Dispose);
    }
}
