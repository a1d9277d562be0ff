using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Titok.Vulkan.Gpu;
using Titok.Vulkan.Graphs;

namespace Titok.Vulkan.Engine;

/// <summary>Puts kernel calls into recordings and lists, once it is known where their tensors lie.</summary>
internal static class KernelCallRecording
{
    public static void Dispatch(this GpuRecording recording, GpuDevice device, KernelCall call, Func<Value, GpuBufferRange> locate)
    {
        (GpuProgram program, GpuBufferRange[] ranges, byte[] pushConstants) = Bind(device, call, locate);
        recording.Dispatch(program, ranges, pushConstants, call.Groups.X, call.Groups.Y, call.Groups.Z);
    }

    public static void Add(this GpuDispatchList list, GpuDevice device, Dispatch dispatch, Func<Value, GpuBufferRange> locate)
    {
        KernelCall call = dispatch.Call;
        (GpuProgram program, GpuBufferRange[] ranges, byte[] pushConstants) = Bind(device, call, locate);
        list.Add(program, ranges, pushConstants, call.Groups.X, call.Groups.Y, call.Groups.Z, dispatch.BarrierBefore);
    }

    /// <summary>Builds the programs of calls that are not there yet, several at once: drivers compile for long, each on one core.</summary>
    public static void BuildPrograms(GpuDevice device, IEnumerable<KernelCall> calls)
    {
        KernelCall[] different = [.. calls.DistinctBy(c => (c.Program, string.Join(',', c.Specialization)))];
        try
        {
            Parallel.ForEach(different, call => ProgramOf(device, call));
        }
        catch (AggregateException several)
        {
            // One tells what is wrong; the others mostly say the same.
            ExceptionDispatchInfo.Throw(several.InnerExceptions[0]);
        }
    }

    /// <summary>The same; false where the driver refuses one.</summary>
    public static bool TryBuildPrograms(GpuDevice device, IEnumerable<KernelCall> calls)
    {
        try
        {
            BuildPrograms(device, calls);
            return true;
        }
        catch (TitokException e) when (e.IsRefusal(device))
        {
            return false;
        }
    }

    /// <summary>
    /// Whether an error says that a driver will not have a kernel, of which there are others. A lost device is another matter, and
    /// one without memory, which says nothing of the kernels.
    /// </summary>
    public static bool IsRefusal(this TitokException error, GpuDevice device) => !device.IsLost && error is not OutOfDeviceMemoryException;

    /// <summary>The program of a call, whose tensors need not lie anywhere.</summary>
    public static GpuProgram ProgramOf(GpuDevice device, KernelCall call) =>
        device.GetProgram(call.Program, call.Specialization.AsSpan(), call.Bindings.Length, PushConstantSizeInBytes(call));

    private static int PushConstantSizeInBytes(KernelCall call) => call.Addressed.Length * sizeof(ulong) + call.PushConstants.Length;

    private static (GpuProgram Program, GpuBufferRange[] Ranges, byte[] PushConstants) Bind(
        GpuDevice device, KernelCall call, Func<Value, GpuBufferRange> locate)
    {
        var ranges = new GpuBufferRange[call.Bindings.Length];
        for (int index = 0; index < ranges.Length; index++)
        {
            Tensor tensor = call.Bindings[index].Tensor;
            ranges[index] = locate(tensor.Value).Slice(tensor.OffsetInBytes, tensor.SizeInBytes);
        }
        ulong[] addresses = [.. call.Addressed.Select(i => ranges[i].Buffer.Address + (ulong)ranges[i].OffsetInBytes)];
        byte[] pushConstants = [.. MemoryMarshal.AsBytes(addresses.AsSpan()), .. call.PushConstants];
        return (device.GetProgram(call.Program, call.Specialization.AsSpan(), ranges.Length, pushConstants.Length), ranges, pushConstants);
    }
}
