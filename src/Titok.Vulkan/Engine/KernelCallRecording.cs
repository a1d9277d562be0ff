using System.Runtime.InteropServices;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Engine;

/// <summary>Puts kernel calls into recordings, once it is known where their tensors lie.</summary>
internal static class KernelCallRecording
{
    public static void Dispatch(this GpuRecording recording, GpuDevice device, KernelCall call, Func<Value, GpuBufferRange> locate)
    {
        var ranges = new GpuBufferRange[call.Bindings.Length];
        for (int index = 0; index < ranges.Length; index++)
            ranges[index] = locate(call.Bindings[index].Tensor.Value);
        ulong[] addresses = [.. call.Addressed.Select(i => ranges[i].Buffer.Address + (ulong)ranges[i].OffsetInBytes)];
        byte[] pushConstants = [.. MemoryMarshal.AsBytes(addresses.AsSpan()), .. call.PushConstants];
        GpuProgram program = device.GetProgram(call.Program, call.Specialization.AsSpan(), ranges.Length, pushConstants.Length);
        recording.Dispatch(program, ranges, pushConstants, call.Groups.X, call.Groups.Y, call.Groups.Z);
    }
}
