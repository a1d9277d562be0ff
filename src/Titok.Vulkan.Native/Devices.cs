using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Titok.Vulkan.Native;

/// <summary>The functions titokEnumerateDevices and titokDevice….</summary>
internal static unsafe class Devices
{
    [UnmanagedCallersOnly(EntryPoint = "titokEnumerateDevices", CallConvs = [typeof(CallConvCdecl)])]
    public static int List(NativeDeviceInfo* infos, uint* count) => Call.Do((infos: (nint)infos, count: Arguments.Pointer(count)), static with =>
    {
        Library.ThrowIfLoadedTwice();
        ref uint count = ref with.count.Value;
        IReadOnlyList<TitokDeviceInfo> devices = TitokDevice.List();
        if (with.infos != 0)
        {
            var infos = (NativeDeviceInfo*)with.infos;
            uint written = Math.Min(count, (uint)devices.Count);
            for (int index = 0; index < written; index++)
                _ = Arguments.Pointer(infos + index, $"infos[{index}]").Structure;
            for (int index = 0; index < written; index++)
                Write(devices[index], infos + index);
        }
        count = (uint)devices.Count;
    });

    [UnmanagedCallersOnly(EntryPoint = "titokDeviceCreate", CallConvs = [typeof(CallConvCdecl)])]
    public static int Create(NativeDeviceOptions* options, nint* device) => Call.Make(Arguments.Pointer(device), Arguments.Pointer(options), static options =>
    {
        NativeDeviceOptions given = options.IsNull ? default : options.Structure;
        return TitokDevice.Create(new TitokDeviceOptions
        {
            Device = Arguments.Text(given.Device),
            Validation = given.Validation != 0,
            CacheFolder = Arguments.Text(given.CacheFolder),
            Logger = Library.Logger,
        });
    });

    [UnmanagedCallersOnly(EntryPoint = "titokDeviceAdopt", CallConvs = [typeof(CallConvCdecl)])]
    public static int Adopt(NativeHostDevice* host, nint* device) => Call.Make(Arguments.Pointer(device), Arguments.Pointer(host), static host =>
        TitokDevice.Adopt(HostDevice.Read(host.Structure), Library.Logger));

    [UnmanagedCallersOnly(EntryPoint = "titokDeviceGetInfo", CallConvs = [typeof(CallConvCdecl)])]
    public static int GetInfo(nint device, NativeDeviceInfo* info) => Call.On<TitokDevice>(device).Do(Arguments.Pointer(info), static (device, info) =>
    {
        fixed (NativeDeviceInfo* to = &info.Structure)
            Write(device.Info, to);
    });

    [UnmanagedCallersOnly(EntryPoint = "titokDeviceGetTimelineSemaphore", CallConvs = [typeof(CallConvCdecl)])]
    public static int Timeline(nint device, ulong* semaphore) =>
        Call.On<TitokDevice>(device).Do(Arguments.Pointer(semaphore), static (device, semaphore) => semaphore.Value = device.TimelineSemaphore);

    [UnmanagedCallersOnly(EntryPoint = "titokDeviceGetUsage", CallConvs = [typeof(CallConvCdecl)])]
    public static int GetUsage(nint device, ulong* memoryInBytes, uint* validationMessages) =>
        Call.On<TitokDevice>(device).Do((memory: Arguments.Pointer(memoryInBytes), messages: Arguments.Pointer(validationMessages)), static (device, to) =>
        {
            if (!to.memory.IsNull)
                to.memory.Value = (ulong)device.MemoryInUseInBytes;
            if (!to.messages.IsNull)
                to.messages.Value = (uint)device.ValidationMessages;
        });

    [UnmanagedCallersOnly(EntryPoint = "titokDeviceDestroy", CallConvs = [typeof(CallConvCdecl)])]
    public static int Destroy(nint device) => Call.Destroy<TitokDevice>(device);

    private static void Write(TitokDeviceInfo device, NativeDeviceInfo* info)
    {
        info->Index = device.Index < 0 ? uint.MaxValue : (uint)device.Index;
        NativeTexts.Copy(device.Name, info->Name, 256);
        NativeTexts.Copy(device.Driver, info->Driver, 256);
        info->Type = (int)device.Type;
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
