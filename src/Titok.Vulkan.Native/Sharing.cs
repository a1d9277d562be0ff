using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Titok.Vulkan.Native;

/// <summary>The functions titokSharedBuffer… and titokSharedSemaphore….</summary>
internal static unsafe class Sharing
{
    [UnmanagedCallersOnly(EntryPoint = "titokSharedBufferCreate", CallConvs = [typeof(CallConvCdecl)])]
    public static int CreateBuffer(nint device, ulong sizeInBytes, int type, nint* buffer)
    {
        try
        {
            TitokDevice found = HandleTable.Get<TitokDevice>(device);
            Arguments.NotNull(buffer, "buffer");
            var kind = Arguments.Known<TitokHandleType>(type, "type");
            if (sizeInBytes is 0 or > long.MaxValue)
                throw Arguments.Invalid($"a buffer of {sizeInBytes} bytes can't be made");
            *buffer = HandleTable.Add(new TitokSharedBuffer(found, (long)sizeInBytes, kind), device);
            return 0;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "titokSharedBufferGetInfo", CallConvs = [typeof(CallConvCdecl)])]
    public static int GetBufferInfo(nint buffer, NativeSharedBufferInfo* info)
    {
        try
        {
            TitokSharedBuffer found = HandleTable.Get<TitokSharedBuffer>(buffer);
            Arguments.Structure((uint*)info, sizeof(NativeSharedBufferInfo), "info");
            *info = new NativeSharedBufferInfo
            {
                StructSize = (uint)sizeof(NativeSharedBufferInfo),
                MemoryTypeIndex = (uint)found.MemoryTypeIndex,
                Buffer = found.Buffer,
                SizeInBytes = (ulong)found.SizeInBytes,
                MemorySizeInBytes = (ulong)found.MemorySizeInBytes,
            };
            return 0;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "titokSharedBufferExport", CallConvs = [typeof(CallConvCdecl)])]
    public static int ExportBuffer(nint buffer, nint* handle)
    {
        try
        {
            TitokSharedBuffer found = HandleTable.Get<TitokSharedBuffer>(buffer);
            Arguments.NotNull(handle, "handle");
            *handle = found.Export();
            return 0;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "titokSharedBufferDestroy", CallConvs = [typeof(CallConvCdecl)])]
    public static int DestroyBuffer(nint buffer)
    {
        try
        {
            HandleTable.Remove<TitokSharedBuffer>(buffer).Dispose();
            return 0;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "titokSharedSemaphoreCreate", CallConvs = [typeof(CallConvCdecl)])]
    public static int CreateSemaphore(nint device, int type, uint isTimeline, nint* semaphore)
    {
        try
        {
            TitokDevice found = HandleTable.Get<TitokDevice>(device);
            Arguments.NotNull(semaphore, "semaphore");
            var kind = Arguments.Known<TitokHandleType>(type, "type");
            *semaphore = HandleTable.Add(new TitokSharedSemaphore(found, kind, isTimeline != 0), device);
            return 0;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "titokSharedSemaphoreGet", CallConvs = [typeof(CallConvCdecl)])]
    public static int GetSemaphore(nint semaphore, ulong* handle)
    {
        try
        {
            TitokSharedSemaphore found = HandleTable.Get<TitokSharedSemaphore>(semaphore);
            Arguments.NotNull(handle, "handle");
            *handle = found.Semaphore;
            return 0;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "titokSharedSemaphoreExport", CallConvs = [typeof(CallConvCdecl)])]
    public static int ExportSemaphore(nint semaphore, nint* handle)
    {
        try
        {
            TitokSharedSemaphore found = HandleTable.Get<TitokSharedSemaphore>(semaphore);
            Arguments.NotNull(handle, "handle");
            *handle = found.Export();
            return 0;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "titokSharedSemaphoreDestroy", CallConvs = [typeof(CallConvCdecl)])]
    public static int DestroySemaphore(nint semaphore)
    {
        try
        {
            HandleTable.Remove<TitokSharedSemaphore>(semaphore).Dispose();
            return 0;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }
}
