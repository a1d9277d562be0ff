using System.Collections.Immutable;
using Silk.NET.Vulkan;

namespace Titok.Vulkan.Gpu;

/// <summary>
/// Dispatches bound to their memory once: any part of the list can be put into any command buffer, again and again,
/// without making anything.
/// </summary>
/// <param name="device">Their device.</param>
/// <param name="name">For debug labels.</param>
/// <param name="zeros">What has to be zeros when the first of them begins.</param>
internal sealed class GpuDispatchList(GpuDevice device, string name, ImmutableArray<GpuBufferRange> zeros) : IDisposable
{
    private readonly List<Bound> _dispatches = [];
    private readonly List<byte> _arguments = [];
    private readonly HashSet<GpuBuffer> _buffers = [];
    private readonly DescriptorSets _sets = new(device, name);
    private int _disposed;

    private readonly record struct Bound(
        GpuProgram Program, DescriptorSet Set, int ArgumentStart, uint X, uint Y, uint Z, bool BarrierBefore);

    public int Count => _dispatches.Count;

    /// <summary>The buffers that its dispatches use.</summary>
    public HashSet<GpuBuffer> Buffers => _buffers;

    public void Add(
        GpuProgram program, ReadOnlySpan<GpuBufferRange> bindings, ReadOnlySpan<byte> arguments,
        uint groupsX, uint groupsY, uint groupsZ, bool barrierBefore)
    {
        program.CheckDispatch(device, bindings, arguments.Length, groupsX, groupsY, groupsZ);
        DescriptorSet set = _sets.Make(program, bindings);
        foreach (GpuBufferRange range in bindings)
            _buffers.Add(range.Buffer);
        _dispatches.Add(new Bound(program, set, _arguments.Count, groupsX, groupsY, groupsZ, barrierBefore));
        _arguments.AddRange(arguments);
    }

    /// <summary>Puts dispatches [first, first + count) into a command buffer; pipelines bound there before don't matter.</summary>
    public void Emit(GpuCommands commands, int first, int count)
    {
        ReadOnlySpan<byte> arguments = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_arguments);
        GpuPipeline? bound = null;
        if (first == 0 && zeros.Length > 0)
        {
            foreach (GpuBufferRange range in zeros)
                commands.Fill(range, 0);
            commands.Barrier();
        }
        for (int index = first; index < first + count; index++)
        {
            Bound dispatch = _dispatches[index];
            if (dispatch.BarrierBefore)
                commands.Barrier();
            commands.Dispatch(
                dispatch.Program, dispatch.Set, arguments.Slice(dispatch.ArgumentStart, dispatch.Program.ArgumentSizeInBytes),
                dispatch.X, dispatch.Y, dispatch.Z, ref bound);
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
