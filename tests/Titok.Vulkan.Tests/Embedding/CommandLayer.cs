using System.Runtime.InteropServices;
using Silk.NET.Vulkan;
using Titok.Vulkan.Gpu;

namespace Titok.Vulkan.Tests.Embedding;

/// <summary>Stands between the library and the driver, and notes in which order work and memory barriers are recorded.</summary>
internal sealed unsafe class CommandLayer
{
    private readonly delegate* unmanaged[Cdecl]<nint, byte*, nint> _loader;
    private readonly List<Delegate> _kept = [];
    private delegate* unmanaged[Cdecl]<nint, byte*, nint> _getDeviceProcAddr;

    public CommandLayer()
    {
        _loader = (delegate* unmanaged[Cdecl]<nint, byte*, nint>)VulkanFunctions.LoadGetInstanceProcAddr();
        Pointer = Keep(new GetProcAddr((instance, name) => Resolve(_loader(instance, name), NativeStrings.Read(name))));
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate nint GetProcAddr(nint owner, byte* name);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate void Dispatch(nint commands, uint x, uint y, uint z);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate void Copy(nint commands, nint from, nint to, uint regions, nint region);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate void Barrier(
        nint commands, PipelineStageFlags from, PipelineStageFlags to, uint flags, uint memoryCount, MemoryBarrier* memory, uint bufferCount, nint buffers, uint imageCount,
        nint images);

    /// <summary>vkGetInstanceProcAddr.</summary>
    public nint Pointer { get; }

    /// <summary>
    /// What was recorded, whichever the command buffer: a dispatch, a copy of buffers, a barrier between such work, or one from it to
    /// the host.
    /// </summary>
    public List<string> Recorded { get; } = [];

    private nint Resolve(nint real, string name)
    {
        if (real == 0)
            return 0;
        switch (name)
        {
            case "vkGetDeviceProcAddr":
                _getDeviceProcAddr = (delegate* unmanaged[Cdecl]<nint, byte*, nint>)real;
                return Keep(new GetProcAddr((device, wanted) => Resolve(_getDeviceProcAddr(device, wanted), NativeStrings.Read(wanted))));
            case "vkCmdDispatch":
                var dispatch = (delegate* unmanaged[Cdecl]<nint, uint, uint, uint, void>)real;
                return Keep(new Dispatch((commands, x, y, z) =>
                {
                    Recorded.Add("dispatch");
                    dispatch(commands, x, y, z);
                }));
            case "vkCmdCopyBuffer":
                var copy = (delegate* unmanaged[Cdecl]<nint, nint, nint, uint, nint, void>)real;
                return Keep(new Copy((commands, from, to, regions, region) =>
                {
                    Recorded.Add("copy");
                    copy(commands, from, to, regions, region);
                }));
            case "vkCmdPipelineBarrier":
                var barrier = (delegate* unmanaged[Cdecl]<nint, PipelineStageFlags, PipelineStageFlags, uint, uint, MemoryBarrier*, uint, nint, uint, nint, void>)real;
                return Keep(new Barrier((commands, from, to, flags, memoryCount, memory, bufferCount, buffers, imageCount, images) =>
                {
                    Recorded.Add(Describe(from, to, new ReadOnlySpan<MemoryBarrier>(memory, (int)memoryCount)));
                    barrier(commands, from, to, flags, memoryCount, memory, bufferCount, buffers, imageCount, images);
                }));
            default:
                return real;
        }
    }

    private static string Describe(PipelineStageFlags from, PipelineStageFlags to, ReadOnlySpan<MemoryBarrier> memory)
    {
        const PipelineStageFlags Work = PipelineStageFlags.ComputeShaderBit | PipelineStageFlags.TransferBit;
        const AccessFlags Writes = AccessFlags.ShaderWriteBit | AccessFlags.TransferWriteBit, Reads = AccessFlags.ShaderReadBit | AccessFlags.TransferReadBit;
        if (memory.Length == 1 && from == Work && memory[0].SrcAccessMask == Writes)
        {
            if (to == Work && memory[0].DstAccessMask == (Reads | Writes))
                return "barrier";
            if (to == PipelineStageFlags.HostBit && memory[0].DstAccessMask == AccessFlags.HostReadBit)
                return "to host";
        }
        return $"barrier from {from} to {to}";
    }

    private nint Keep(Delegate wrapper)
    {
        _kept.Add(wrapper);
        return Marshal.GetFunctionPointerForDelegate(wrapper);
    }
}
