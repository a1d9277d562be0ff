using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Titok.Vulkan.Native;

/// <summary>The functions titokSharedBuffer… and titokSharedSemaphore….</summary>
internal static unsafe class Sharing
{
    [UnmanagedCallersOnly(EntryPoint = "titokSharedBufferCreate", CallConvs = [typeof(CallConvCdecl)])]
    public static int CreateBuffer(nint device, ulong sizeInBytes, int type, nint* buffer) =>
        Call.On<TitokDevice>(device).Make(Arguments.Pointer(buffer), (sizeInBytes, type), static (device, with) =>
        {
            if (with.sizeInBytes is 0 or > long.MaxValue)
                throw Arguments.Invalid($"a buffer of {with.sizeInBytes} bytes can't be made");
            return new TitokSharedBuffer(device, (long)with.sizeInBytes, Arguments.Known<TitokHandleType>(with.type, "type"));
        });

    [UnmanagedCallersOnly(EntryPoint = "titokSharedBufferGetInfo", CallConvs = [typeof(CallConvCdecl)])]
    public static int GetBufferInfo(nint buffer, NativeSharedBufferInfo* info) =>
        Call.On<TitokSharedBuffer>(buffer).Do(Arguments.Pointer(info), static (buffer, info) => info.Structure = new NativeSharedBufferInfo
        {
            StructSize = (uint)sizeof(NativeSharedBufferInfo),
            MemoryTypeIndex = (uint)buffer.MemoryTypeIndex,
            Buffer = buffer.Buffer,
            SizeInBytes = (ulong)buffer.SizeInBytes,
            MemorySizeInBytes = (ulong)buffer.MemorySizeInBytes,
        });

    [UnmanagedCallersOnly(EntryPoint = "titokSharedBufferExport", CallConvs = [typeof(CallConvCdecl)])]
    public static int ExportBuffer(nint buffer, nint* handle) =>
        Call.On<TitokSharedBuffer>(buffer).Do(Arguments.Pointer(handle), static (buffer, handle) => handle.Value = buffer.Export());

    [UnmanagedCallersOnly(EntryPoint = "titokSharedBufferDestroy", CallConvs = [typeof(CallConvCdecl)])]
    public static int DestroyBuffer(nint buffer) => Call.Destroy<TitokSharedBuffer>(buffer);

    [UnmanagedCallersOnly(EntryPoint = "titokSharedSemaphoreCreate", CallConvs = [typeof(CallConvCdecl)])]
    public static int CreateSemaphore(nint device, int type, uint isTimeline, nint* semaphore) =>
        Call.On<TitokDevice>(device).Make(Arguments.Pointer(semaphore), (type, isTimeline), static (device, with) =>
            new TitokSharedSemaphore(device, Arguments.Known<TitokHandleType>(with.type, "type"), with.isTimeline != 0));

    [UnmanagedCallersOnly(EntryPoint = "titokSharedSemaphoreGetHandle", CallConvs = [typeof(CallConvCdecl)])]
    public static int GetSemaphore(nint semaphore, ulong* handle) =>
        Call.On<TitokSharedSemaphore>(semaphore).Do(Arguments.Pointer(handle), static (semaphore, handle) => handle.Value = semaphore.Semaphore);

    [UnmanagedCallersOnly(EntryPoint = "titokSharedSemaphoreExport", CallConvs = [typeof(CallConvCdecl)])]
    public static int ExportSemaphore(nint semaphore, nint* handle) =>
        Call.On<TitokSharedSemaphore>(semaphore).Do(Arguments.Pointer(handle), static (semaphore, handle) => handle.Value = semaphore.Export());

    [UnmanagedCallersOnly(EntryPoint = "titokSharedSemaphoreDestroy", CallConvs = [typeof(CallConvCdecl)])]
    public static int DestroySemaphore(nint semaphore) => Call.Destroy<TitokSharedSemaphore>(semaphore);
}
