using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Titok.Vulkan.Native;

/// <summary>The functions titokListDevices and titokDevice….</summary>
internal static unsafe class Devices
{
    [UnmanagedCallersOnly(EntryPoint = "titokListDevices", CallConvs = [typeof(CallConvCdecl)])]
    public static int List(NativeDeviceInfo* infos, uint* count)
    {
        try
        {
            Library.ThrowIfLoadedTwice();
            Arguments.NotNull(count, "count");
            IReadOnlyList<TitokDeviceInfo> devices = TitokDevice.List();
            if (infos != null)
            {
                uint written = Math.Min(*count, (uint)devices.Count);
                for (int index = 0; index < written; index++)
                    Arguments.Structure((uint*)(infos + index), sizeof(NativeDeviceInfo), $"infos[{index}]");
                for (int index = 0; index < written; index++)
                    Write(devices[index], infos + index);
            }
            *count = (uint)devices.Count;
            return 0;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "titokDeviceCreate", CallConvs = [typeof(CallConvCdecl)])]
    public static int Create(NativeDeviceOptions* options, nint* device)
    {
        try
        {
            Library.ThrowIfLoadedTwice();
            if (options != null)
                Arguments.Structure((uint*)options, sizeof(NativeDeviceOptions), "options");
            Arguments.NotNull(device, "device");
            *device = HandleTable.Add(TitokDevice.Create(new TitokDeviceOptions
            {
                Device = options == null ? null : Arguments.Text(options->Device),
                Validation = options != null && options->Validation != 0,
                Logger = Library.Logger,
            }));
            return 0;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "titokDeviceAdopt", CallConvs = [typeof(CallConvCdecl)])]
    public static int Adopt(NativeHostDevice* host, nint* device)
    {
        try
        {
            Library.ThrowIfLoadedTwice();
            Arguments.Structure((uint*)host, sizeof(NativeHostDevice), "host");
            Arguments.NotNull(device, "device");
            *device = HandleTable.Add(TitokDevice.Adopt(HostDevice.Read(*host), new TitokDeviceOptions { Logger = Library.Logger }));
            return 0;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "titokDeviceGetInfo", CallConvs = [typeof(CallConvCdecl)])]
    public static int GetInfo(nint device, NativeDeviceInfo* info)
    {
        try
        {
            TitokDevice found = HandleTable.Get<TitokDevice>(device);
            Arguments.Structure((uint*)info, sizeof(NativeDeviceInfo), "info");
            Write(found.Info, info);
            return 0;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "titokDeviceTimeline", CallConvs = [typeof(CallConvCdecl)])]
    public static int Timeline(nint device, ulong* semaphore)
    {
        try
        {
            TitokDevice found = HandleTable.Get<TitokDevice>(device);
            Arguments.NotNull(semaphore, "semaphore");
            *semaphore = found.TimelineSemaphore;
            return 0;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "titokDeviceGetUsage", CallConvs = [typeof(CallConvCdecl)])]
    public static int GetUsage(nint device, ulong* memoryInBytes, uint* validationMessages)
    {
        try
        {
            TitokDevice found = HandleTable.Get<TitokDevice>(device);
            if (memoryInBytes != null)
                *memoryInBytes = (ulong)found.MemoryInUseInBytes;
            if (validationMessages != null)
                *validationMessages = (uint)found.ValidationMessages;
            return 0;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "titokDeviceDestroy", CallConvs = [typeof(CallConvCdecl)])]
    public static int Destroy(nint device)
    {
        try
        {
            HandleTable.Remove<TitokDevice>(device).Dispose();
            return 0;
        }
        catch (Exception e)
        {
            return Failure.Of(e);
        }
    }

    private static void Write(TitokDeviceInfo device, NativeDeviceInfo* info)
    {
        info->Index = (uint)device.Index;
        NativeTexts.Copy(device.Name, info->Name, 256);
        NativeTexts.Copy(device.Driver, info->Driver, 256);
        NativeTexts.Copy(device.Type, info->Type, 16);
        NativeTexts.Copy(device.Profile, info->Profile, 16);
        Bytes(device.Uuid, new Span<byte>(info->Uuid, 16));
        Bytes(device.Luid, new Span<byte>(info->Luid, 8));
        info->HasLuid = device.Luid.Length > 0 ? 1u : 0u;
        NativeTexts.Copy(device.PciAddress, info->PciAddress, 16);
        info->MemoryInBytes = (ulong)device.MemoryInBytes;
        info->IsUsable = device.WhyUnusable is null ? 1u : 0u;
        NativeTexts.Copy(device.WhyUnusable ?? "", info->WhyUnusable, 256);
    }

    private static void Bytes(string digits, Span<byte> field)
    {
        field.Clear();
        if (digits.Length == 2 * field.Length)
            Convert.FromHexString(digits).CopyTo(field);
    }
}
