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
        (GpuProgram program, GpuBufferRange[] ranges, byte[] arguments) = Bind(device, call, locate);
        recording.Dispatch(program, ranges, arguments, call.Groups.X, call.Groups.Y, call.Groups.Z);
    }

    public static void Add(this GpuDispatchList list, GpuDevice device, Dispatch dispatch, Func<Value, GpuBufferRange> locate)
    {
        KernelCall call = dispatch.Call;
        (GpuProgram program, GpuBufferRange[] ranges, byte[] arguments) = Bind(device, call, locate);
        list.Add(program, ranges, arguments, call.Groups.X, call.Groups.Y, call.Groups.Z, dispatch.BarrierBefore);
    }

    /// <summary>Builds the programs of calls that are not there yet, several at once: drivers compile for long, each on one core.</summary>
    /// <param name="device">To build them for.</param>
    /// <param name="calls">Whose they are.</param>
    /// <param name="pause">Called meanwhile, now and then; what it throws comes out when those that are being built are done.</param>
    public static void BuildPrograms(GpuDevice device, IEnumerable<KernelCall> calls, Action? pause = null)
    {
        KernelCall[] different = [.. calls.DistinctBy(c => (c.Program, c.ThreadBlock, string.Join(',', c.Specialization)))];
        using var stop = new CancellationTokenSource();
        try
        {
            if (pause is null)
                Parallel.ForEach(different, call => ProgramOf(device, call));
            else
                WaitFor(Task.Run(() => Parallel.ForEach(different, new ParallelOptions { CancellationToken = stop.Token }, call => ProgramOf(device, call))), stop, pause);
        }
        catch (AggregateException several)
        {
            // One tells what is wrong; the others mostly say the same.
            ExceptionDispatchInfo.Throw(several.InnerExceptions[0]);
        }
    }

    /// <summary>The same; false where the driver refuses one.</summary>
    public static bool TryBuildPrograms(GpuDevice device, IEnumerable<KernelCall> calls, Action? pause = null)
    {
        try
        {
            BuildPrograms(device, calls, pause);
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

    private static void WaitFor(Task building, CancellationTokenSource stop, Action pause)
    {
        const int PauseInMilliseconds = 50;
        try
        {
            while (Task.WaitAny([building], PauseInMilliseconds) < 0)
                pause();
        }
        catch
        {
            stop.Cancel();
            Task.WaitAny(building);
            throw;
        }
        building.GetAwaiter().GetResult();
    }

    /// <summary>The program of a call, whose tensors need not lie anywhere.</summary>
    public static GpuProgram ProgramOf(GpuDevice device, KernelCall call) =>
        ProgramOf(device, call, ArgumentSizeInBytes(call));

    /// <summary>What a call's program is given when it is dispatched: push constants, or the struct that a program in PTX takes.</summary>
    /// <param name="call">The call.</param>
    /// <param name="addresses">Where each of its bindings is.</param>
    public static byte[] Arguments(KernelCall call, ReadOnlySpan<ulong> addresses)
    {
        if (call.ThreadBlock is not null)
        {
            var taken = new byte[ArgumentSizeInBytes(call)];
            byte[] members = [.. MemoryMarshal.AsBytes(addresses), .. call.PushConstants, .. MemoryMarshal.AsBytes(call.Specialization.AsSpan())];
            members.CopyTo(taken, 0);
            return taken;
        }
        var addressed = new ulong[call.Addressed.Length];
        for (int index = 0; index < addressed.Length; index++)
            addressed[index] = addresses[call.Addressed[index]];
        return [.. MemoryMarshal.AsBytes(addressed.AsSpan()), .. call.PushConstants];
    }

    /// <summary>Of <see cref="Arguments"/>. A struct with addresses is as long as a number of them.</summary>
    private static int ArgumentSizeInBytes(KernelCall call) => call.ThreadBlock is null
        ? call.Addressed.Length * sizeof(ulong) + call.PushConstants.Length
        : RoundUp.ToMultiple(call.Bindings.Length * sizeof(ulong) + call.PushConstants.Length + call.Specialization.Length * sizeof(uint), sizeof(ulong));

    private static GpuProgram ProgramOf(GpuDevice device, KernelCall call, int argumentSizeInBytes) => call.ThreadBlock is { } block
        ? device.GetFunction(call.Program, block.Threads, block.SharedMemoryInBytes, call.Bindings.Length, argumentSizeInBytes)
        : device.GetProgram(call.Program, call.Specialization.AsSpan(), call.Bindings.Length, argumentSizeInBytes);

    private static (GpuProgram Program, GpuBufferRange[] Ranges, byte[] Arguments) Bind(
        GpuDevice device, KernelCall call, Func<Value, GpuBufferRange> locate)
    {
        var ranges = new GpuBufferRange[call.Bindings.Length];
        for (int index = 0; index < ranges.Length; index++)
        {
            Tensor tensor = call.Bindings[index].Tensor;
            ranges[index] = locate(tensor.Value).Slice(tensor.OffsetInBytes, tensor.SizeInBytes);
        }
        byte[] arguments = Arguments(call, [.. ranges.Select(range => range.Buffer.Address + (ulong)range.OffsetInBytes)]);
        return (ProgramOf(device, call, arguments.Length), ranges, arguments);
    }
}
