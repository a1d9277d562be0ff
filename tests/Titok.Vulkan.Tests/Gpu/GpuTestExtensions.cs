using System.Runtime.InteropServices;
using Titok.Vulkan.Gpu;

namespace Titok.Vulkan.Tests.Gpu;

/// <summary>Typed transfers and the one test program, for tests.</summary>
internal static class GpuTestExtensions
{
    public static void Upload<T>(this GpuDevice device, GpuBuffer buffer, T[] values)
        where T : unmanaged =>
        device.Upload(buffer, 0, MemoryMarshal.AsBytes(values.AsSpan()));

    public static T[] Download<T>(this GpuDevice device, GpuBuffer buffer, int count)
        where T : unmanaged
    {
        var values = new T[count];
        device.Download(buffer, 0, MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    /// <summary>Waits for a submission, or until the test run is stopped.</summary>
    public static void Finish(this GpuDevice device, ulong value) => device.Wait(value, TestContext.Current.CancellationToken);

    /// <summary>A recording of y = factor x + addend.</summary>
    public static GpuRecording RecordScaleAdd(this GpuDevice device, GpuBufferRange x, GpuBufferRange y, uint factor, int count, uint addend)
    {
        GpuProgram program = device.GetProgram("test_scale_add", [factor], 2, 8);
        GpuRecording recording = device.CreateRecording("scale add");
        recording.Begin();
        recording.Dispatch(program, [x, y], TestPush.Bytes((uint)count, addend), ((uint)count + 63) / 64);
        recording.End();
        return recording;
    }
}

/// <summary>The push constants of test_scale_add.</summary>
internal static class TestPush
{
    public static byte[] Bytes(params uint[] values) => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
}
